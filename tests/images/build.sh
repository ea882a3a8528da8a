#!/usr/bin/env bash
# Builds images that are hard on an agent, without any registry, one layer each, and puts them into the engines that are named.
#   tests/images/build.sh STATE docker podman
#
#   yunpipe-test-debian11, -debian12   Debian with its own glibc (2.31, 2.36)
#   yunpipe-test-musl                  musl and a program linked with it; no glibc
#   yunpipe-test-nss                   nsswitch.conf names modules that are absent, and one that ends whoever loads it
#   yunpipe-test-bare                  one static program: no shell, no /etc/passwd, no /tmp
#
# Layers are kept in STATE/images, by a digest of what they are made from: a second run finds nothing to do.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$1/images
shift
mkdir -p "$cache"
say() { printf 'containers: %s\n' "$*"; }

install_tools() {
    local missing=()
    command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
    command -v musl-gcc >/dev/null || missing+=(musl-tools)
    command -v gcc >/dev/null || missing+=(gcc libc6-dev)
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; } >"$cache/apt.log" 2>&1 ||
        { say "apt-get failed:"; tail -5 "$cache/apt.log"; return 1; }
}

# The same bytes for the same content, so that both engines hold the same layer.
pack() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar -cf "$2" .; }

debian() {
    local leave=() folder
    for folder in doc man locale zoneinfo info lintian; do leave+=("--dpkgopt=path-exclude=/usr/share/$folder/*"); done
    mmdebstrap --quiet --format=tar --variant=minbase --dpkgopt=force-unsafe-io "${leave[@]}" "$1" "$2" 2>"$cache/$1.log" ||
        { say "Debian $1 could not be built:"; tail -5 "$cache/$1.log"; return 1; }
}

musl() {
    mkdir -p "$work/musl"/{bin,lib,usr/lib}
    # The loader is the library: one file, found under the name that programs carry.
    cp -L /lib/ld-musl-x86_64.so.1 "$work/musl/lib/ld-musl-x86_64.so.1"
    musl-gcc -O1 -shared -fPIC -o "$work/musl/usr/lib/libprobe.so" "$here/library.c"
    musl-gcc -O1 -o "$work/musl/bin/probe" "$here/probe.c" -L"$work/musl/usr/lib" -lprobe
    pack "$work/musl" "$1"
}

nss() {
    local program library
    mkdir -p "$work/nss"/{bin,etc,lib/x86_64-linux-gnu}
    cp /bin/busybox "$work/nss/bin/busybox"
    for program in sh echo; do ln -s busybox "$work/nss/bin/$program"; done
    # A program that asks for names, with the libraries that it is linked with.
    cp /usr/bin/id "$work/nss/bin/id"
    for library in $(ldd /usr/bin/id | grep -o '/[^ ]*'); do mkdir -p "$work/nss$(dirname "$library")"; cp -L "$library" "$work/nss$library"; done
    # Needs no library itself, so that any process can load it.
    gcc -O1 -shared -fPIC -nostdlib -o "$work/nss/lib/x86_64-linux-gnu/libnss_trap.so.2" "$here/trap.c"
    printf '%s: absent trap files\n' passwd group initgroups services >"$work/nss/etc/nsswitch.conf"
    printf 'hosts: absent trap mdns4_minimal [NOTFOUND=return] dns\n' >>"$work/nss/etc/nsswitch.conf"
    pack "$work/nss" "$1"
}

bare() {
    mkdir -p "$work/bare/bin"
    musl-gcc -O1 -static -o "$work/bare/bin/probe" "$here/probe.c" "$here/library.c"
    pack "$work/bare" "$1"
}

# layer NAME COMMAND…: the command makes the layer where it is not kept yet.
layer() {
    local name=$1
    shift
    [ -f "$cache/$name-$made_from.tar" ] && return
    say "building yunpipe-test-$name"
    rm -f "$cache/$name"-*.tar
    "$@" "$cache/$name.new" && mv "$cache/$name.new" "$cache/$name-$made_from.tar"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
made_from=$(cat "$here"/*.c "$here/build.sh" | sha256sum | cut -c1-16)
install_tools

# The two that download, side by side.
layer debian11 debian bullseye & eleven=$!
layer debian12 debian bookworm & twelve=$!
layer musl musl
layer nss nss
layer bare bare
wait "$eleven"
wait "$twelve"

for engine in "$@"; do
    for name in debian11 debian12 musl nss bare; do
        if [ "$("$engine" image inspect --format '{{index .Config.Labels "made-from"}}' "yunpipe-test-$name:latest" 2>/dev/null)" = "$made_from" ]; then continue; fi
        "$engine" import $([ "$engine" = podman ] && echo --quiet) --change 'ENV LAB=imaging' --change 'ENV PATH=/usr/bin:/bin' --change "LABEL made-from=$made_from" "$cache/$name-$made_from.tar" "yunpipe-test-$name:latest" >/dev/null
        say "$engine holds yunpipe-test-$name:latest"
    done
done
