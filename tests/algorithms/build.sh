#!/usr/bin/env bash
# Builds the test images without any registry: busybox on nothing, one layer, one entry for each engine that is named.
#   tests/algorithms/build.sh docker podman
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root"/{bin,etc,tmp,app,proc,sys,dev,home}
chmod 1777 "$work/root/tmp"
cp /bin/busybox "$work/root/bin/busybox"
for applet in $("$work/root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$work/root/bin/$applet"
done
printf 'root:x:0:0:root:/:/bin/sh\n' >"$work/root/etc/passwd"
printf 'root:x:0:\n' >"$work/root/etc/group"
cp "$here"/*/*.sh "$work/root/app/"
chmod 755 "$work/root/app"/*.sh

# The same bytes for the same content, so that both engines hold the same layer and a second run finds nothing to do.
tar -C "$work/root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar -cf "$work/layer.tar" .
layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)

for engine in "$@"; do
    if "$engine" image inspect --format '{{json .RootFS.Layers}}' yunpipe-test:latest 2>/dev/null | grep -q "$layer"; then continue; fi
    "$engine" import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' --change 'CMD ["/bin/sh"]' "$work/layer.tar" yunpipe-test:latest >/dev/null
    echo "containers: $engine holds yunpipe-test:latest"
done
