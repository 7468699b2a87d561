"""The commands of `studio`, one module each; `command` is the click command."""
