"""What JSONata's own functions take and do, in a line each: for completion and hover.

Spec: https://docs.jsonata.org/string-functions and the pages beside it.
"""

from __future__ import annotations

from studio.asl.jsonata_functions import ADDED

_LINES = """
sum(array)|The sum of the numbers.
count(array)|The number of elements.
max(array)|The largest number.
min(array)|The smallest number.
average(array)|The mean of the numbers.
string(value, [prettify])|The value as text: JSON for objects and arrays.
substring(text, start, [length])|The part of a text from `start` (negative: from its end).
substringBefore(text, chars)|What is before the first occurrence.
substringAfter(text, chars)|What is after the first occurrence.
lowercase(text)|The text in small letters.
uppercase(text)|The text in capitals.
length(text)|The number of characters.
trim(text)|The text without blanks around it, runs of blanks as one.
pad(text, width, [char])|The text filled up to `width`, on the left where it is negative.
match(text, pattern, [limit])|The matches of a regular expression: objects with match, index, groups.
contains(text, pattern)|Whether the text holds a text or a match.
replace(text, pattern, replacement, [limit])|The text with occurrences replaced.
split(text, separator, [limit])|The parts of a text.
join(array, [separator])|The texts of an array as one.
formatNumber(number, picture, [options])|The number by a picture like `#,##0.00`.
formatBase(number, [radix])|The number in another base.
formatInteger(number, picture)|The integer by a picture like `w` (words) or `I` (Roman).
parseInteger(text, picture)|The integer that a text by a picture means.
number(value)|The value as a number.
floor(number)|The largest integer that is not larger.
ceil(number)|The smallest integer that is not smaller.
round(number, [precision])|The number rounded, halves to even.
abs(number)|The number without its sign.
sqrt(number)|The square root.
power(base, exponent)|The power.
boolean(value)|The value as true or false: empty, 0 and null are false.
not(value)|True where the value is false.
map(array, function)|Each element through a function.
zip(array, array, ...)|Arrays of the first elements, the second ones, and so on.
filter(array, function)|The elements for which the function is true.
single(array, function)|The one element for which the function is true; an error where there are none or more.
reduce(array, function, [init])|All elements brought to one value, by a function of two.
sift(object, function)|The members for which the function is true.
keys(object)|The names of the members.
lookup(object, key)|The value of a member.
append(array, array)|Both arrays in one.
exists(value)|Whether there is a value.
spread(object)|An array of objects with one member each.
merge(array)|The objects of an array as one.
reverse(array)|The array backwards.
each(object, function)|The function's value of each member.
error([message])|Ends the evaluation with an error.
assert(condition, [message])|Ends it where the condition is not true.
type(value)|The kind of a value: "string", "number", "array" \u2026
sort(array, [function])|The array in order; the function says whether two must change places.
shuffle(array)|The array in another order.
distinct(array)|The array without repeated elements.
base64encode(text)|The text in Base64.
base64decode(text)|The text that Base64 encodes.
encodeUrlComponent(text)|The text as part of an address.
encodeUrl(text)|The address with what is no part of one encoded.
decodeUrlComponent(text)|The text that a part of an address encodes.
decodeUrl(text)|The address decoded.
toMillis(text, [picture])|The milliseconds since 1970 of a time, ISO 8601 or by a picture.
fromMillis(number, [picture], [zone])|The time of milliseconds since 1970, ISO 8601 or by a picture.
clone(value)|A copy of a value.
now([picture], [zone])|The time now, ISO 8601 or by a picture.
millis()|The milliseconds since 1970.
"""

FUNCTIONS: dict[str, tuple[str, str]] = {
    line.partition("(")[0]: (f"${line.partition('|')[0]}", line.partition("|")[2]) for line in _LINES.strip().splitlines()
} | {name: (added.signature, added.doc) for name, added in ADDED.items()}
"""Name -> (signature, what it does); every function that an expression may call."""
