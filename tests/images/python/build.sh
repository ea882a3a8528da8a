#!/usr/bin/env bash
# Builds yunpipe-test-python: Debian with python3 and pip, whose package index is a folder of one package. For scripts that become images.
#   tests/images/python/build.sh STATE docker podman
#
# Its layer is kept in STATE/images, by a digest of what it is made from: a second run finds nothing to do.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$1/images
shift
made_from=$(cat "$here"/* | sha256sum | cut -c1-16)
layer=$cache/python-$made_from.tar
say() { printf 'containers: %s\n' "$*"; }

if [ ! -f "$layer" ]; then
    say "building yunpipe-test-python"
    rm -f "$cache"/python-*.tar
    leave=()
    for folder in doc man locale zoneinfo info lintian; do leave+=("--dpkgopt=path-exclude=/usr/share/$folder/*"); done
    mmdebstrap --quiet --format=tar --variant=minbase --dpkgopt=force-unsafe-io "${leave[@]}" --include=python3-pip \
        --customize-hook="chroot \"\$1\" python3 - <'$here/wheel.py'" bookworm "$cache/python.new" 2>"$cache/python.log" ||
        { say "python could not be built:"; tail -5 "$cache/python.log"; exit 1; }
    mv "$cache/python.new" "$layer"
fi

for engine in "$@"; do
    [ "$("$engine" image inspect --format '{{index .Config.Labels "made-from"}}' yunpipe-test-python:latest 2>/dev/null)" = "$made_from" ] && continue
    "$engine" import $([ "$engine" = podman ] && echo --quiet) --change 'ENV PATH=/usr/bin:/bin' --change "LABEL made-from=$made_from" "$layer" yunpipe-test-python:latest >/dev/null
    say "$engine holds yunpipe-test-python:latest"
done
