"""Our own line icons as SVG path data in a 24 × 24 box, drawn with a round 1.8 px stroke and no fill.

They carry the names of the Material icons that the page shows for the same thing, so a scene's `icon` works in both; a
standalone picture can use no icon font. `lambda` exists only here.
"""

from __future__ import annotations

ICONS: dict[str, str] = {
    "account_tree": "M4 4h6v5H4zM14 15h6v5h-6zM14 4h6v5h-6zM10 6.5h4M12 6.5v11h2",
    "add": "M12 5v14M5 12h14",
    "alt_route": "M12 21v-6c0-4-6-3-6-9M12 15c0-4 6-3 6-9M3 8l3-3 3 3M15 8l3-3 3 3",
    "api": "M9 8l-5 4 5 4M15 8l5 4-5 4M13 6l-2 12",
    "arrow_forward": "M4 12h15M13 6l6 6-6 6",
    "autorenew": "M20 12a8 8 0 0 1-14 5M4 12a8 8 0 0 1 14-5M18 3v4h-4M6 21v-4h4",
    "bolt": "M13 3L5 14h6l-1 7 8-11h-6z",
    "call_split": "M12 20v-6L6 8M12 14l6-6M5 13V7h6M13 7h6v6",
    "campaign": "M4 10v4h3l8 4V6L7 10zM18 9.5a4 4 0 0 1 0 5M8 14v5h3",
    "cancel": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9l6 6M15 9l-6 6",
    "check_circle": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.5l3 3 5.5-6",
    "construction": "M5 19l8-8M11 6l7 7M14 3l7 7-3 3-7-7zM4 20l2-1-1-1z",
    "dns": "M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.1M7.5 16h.1",
    "document_scanner": "M8 4h8v16H8zM4 8V4h2M20 8V4h-2M4 16v4h2M20 16v4h-2M10.5 9h3M10.5 13h3",
    "event": "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M13 14h3v3h-3z",
    "help_outline": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.5c-.8.4-1 .9-1 1.8M12 17h.1",
    "hourglass_top": "M7 3h10M7 21h10M8 3c0 5 8 5 8 9s-8 4-8 9M16 3c0 5-8 5-8 9s8 4 8 9",
    "inventory_2": "M4 4h16v5H4zM5.5 9v11h13V9M9.5 13h5",
    "key": "M8 9a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM11.5 12.5H21M18 12.5v3.5M15 12.5v2.5",
    "lambda": "M7 4h3l7 16h3M11.5 9L6 20",
    "layers": "M12 4l9 5-9 5-9-5zM3 14l9 5 9-5",
    "mail": "M3 6h18v12H3zM3 7l9 6 9-6",
    "memory": "M7 7h10v10H7zM10 10h4v4h-4zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4",
    "mic": "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4zM6 11a6 6 0 0 0 12 0M12 17v4",
    "model_training": "M20 12a8 8 0 1 1-3-6.2M17 2.5V6h-3.5M9.5 15h5M12 15v-6M9.5 11.5L12 9l2.5 2.5",
    "movie": "M3 6h18v13H3zM3 10h18M7 6l2 4M12 6l2 4M17 6l2 4",
    "pending_actions": "M5 5h14v8M5 5v15h6M9 3h6v4H9zM17 14a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM17 16v2.3l1.4.8",
    "psychology": "M9 20v-3.5c-3-1.3-4.5-3.6-4.5-6.5a7 7 0 0 1 14 0l1.5 3.5h-2V16a1.5 1.5 0 0 1-1.5 1.5H14V20M9 10h5M11.5 7.5v5",
    "public": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3.5 4 3.5 14 0 18M12 3c-3.5 4-3.5 14 0 18",
    "push_pin": "M9 3h6l-1 7 3 4H7l3-4zM12 14v7",
    "query_stats": "M4 19h16M6 15l4-5 3 3 5-7M18 6h-3M18 6v3",
    "radio_button_unchecked": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z",
    "repeat": "M4 11V9a2 2 0 0 1 2-2h13M16 4l3 3-3 3M20 13v2a2 2 0 0 1-2 2H5M8 20l-3-3 3-3",
    "replay": "M5 5v5h5M5.5 10A8 8 0 1 1 4 13",
    "schedule": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2.5",
    "shield": "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z",
    "stop_circle": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9h6v6H9z",
    "storage": "M5 6c0-4 14-4 14 0v12c0 4-14 4-14 0zM5 6c0 4 14 4 14 0M5 12c0 4 14 4 14 0",
    "stream": "M3 8c3-3 6-3 9 0s6 3 9 0M3 15c3-3 6-3 9 0s6 3 9 0",
    "timer_off": "M12 6a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 10v4M9 2h6M4 3l17 18",
    "transform": "M4 8h12M12 4l4 4-4 4M20 16H8M12 12l-4 4 4 4",
    "translate": "M3 6h10M8 4v2M11 6c-1 4-4 7-7 8M5 9c1 2 4 4 6 5M12 20l4-10 4 10M13.5 17h5",
    "tune": "M4 7h10M18 7h2M4 17h4M12 17h8M16 5v4M10 15v4",
    "visibility": "M2.5 12c5-8 14-8 19 0-5 8-14 8-19 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
}

# Hues of the icon tiles by kind of service, for a light and a dark page; flow states are neutral.
NEUTRAL = ("#4B5563", "#A3ADB8")
COMPUTE = ("#B4560B", "#F0A35E")
DATA = ("#2F5FC4", "#8FB2F0")
MESSAGES = ("#B3246B", "#F08BBB")
MODELS = ("#0B7A75", "#5CCBC4")
SECURITY = ("#A12B2B", "#F29A9A")

HUES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("lambda", "dns", "memory", "construction", "bolt"), COMPUTE),
    **dict.fromkeys(("storage", "inventory_2", "transform", "query_stats", "stream", "layers"), DATA),
    **dict.fromkeys(("account_tree", "campaign", "mail", "event", "api", "public", "pending_actions"), MESSAGES),
    **dict.fromkeys(("psychology", "model_training", "document_scanner", "visibility", "translate", "mic", "movie"), MODELS),
    **dict.fromkeys(("key", "tune"), SECURITY),
}
