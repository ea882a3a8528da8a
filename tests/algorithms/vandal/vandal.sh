#!/bin/sh
# vandal IN: writes through its input, by every door, and succeeds only where all were shut.
opened=0
(echo spoiled >>"$1") 2>/dev/null && opened=1
target=$(readlink -f "$1")
(echo spoiled >"$target") 2>/dev/null && opened=1
rm -f "$target" 2>/dev/null && [ ! -e "$target" ] && opened=1
touch "${target%/*}/planted" 2>/dev/null && opened=1
chmod 777 "$target" 2>/dev/null && opened=1
exit $opened
