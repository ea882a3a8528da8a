#!/usr/bin/env bash
# Makes docker and podman answer on a build machine (root, no systemd), and puts the test images into both.
#
#   eval "$(tests/containers/setup.sh)"      sets the environment for this shell; all other words go to stderr
#   tests/containers/stop.sh                 ends the daemon that setup started, and nothing else
#
# It can be run again at any time: what is there already stays. Where a docker daemon answers already, that one is used.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=${YUNPIPE_CONTAINERS_STATE:-/var/tmp/yunpipe-containers}
say() { printf 'containers: %s\n' "$*" >&2; }

[ "$(id -u)" = 0 ] || { say "this script installs packages and starts a daemon: run it as root, or use your own docker or podman."; exit 1; }
mkdir -p "$state"

# One at a time: two test commands on one machine share the engines.
exec 9>"$state/lock"
flock 9

install_packages() {
    local missing=()
    command -v podman >/dev/null || missing+=(podman)
    command -v runc >/dev/null || missing+=(runc)
    command -v dockerd >/dev/null || docker version >/dev/null 2>&1 || missing+=(docker.io)
    command -v docker-registry >/dev/null || missing+=(docker-registry)
    [ -x /bin/busybox ] && /bin/busybox --list | grep -qx sh || missing+=(busybox-static)
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; } >"$state/apt.log" 2>&1 9>&- ||
        { say "apt-get failed:"; tail -5 "$state/apt.log" >&2; exit 1; }
    # Debian starts what it installs; tests start a registry of their own.
    case " ${missing[*]} " in
        *" docker-registry "*) { systemctl disable --now docker-registry || service docker-registry stop; } >/dev/null 2>&1 9>&- || true ;;
    esac
}

# Inside a container the file system is an overlay already, and overlays do not stack.
storage_driver() {
    if [ "$(stat -f -c %T "$state")" = overlayfs ]; then echo vfs; else echo "$1"; fi
}

# runc and cgroupfs, since there is no systemd; a store of its own, so that nobody's images are touched.
configure_podman() {
    cat >"$state/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:20000", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
    cat >"$state/storage.conf" <<CONF
[storage]
driver = "$(storage_driver overlay)"
graphroot = "$state/podman"
runroot = "$state/podman-run"
CONF
    export CONTAINERS_CONF="$state/containers.conf" CONTAINERS_STORAGE_CONF="$state/storage.conf"
}

start_docker() {
    docker info --format '{{.ServerVersion}}' 2>/dev/null | grep -q . && return
    say "starting dockerd"
    # Without a bridge and rules a container has either no network or the host's: all that these tests need.
    setsid dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver="$(storage_driver overlay2)" --pidfile="$state/docker-daemon.pid" \
        </dev/null >"$state/dockerd.log" 2>&1 9>&- &
    local pid=$!
    echo "$pid" >"$state/dockerd.pid"
    for _ in $(seq 150); do
        docker info --format '{{.ServerVersion}}' 2>/dev/null | grep -q . && return
        kill -0 "$pid" 2>/dev/null || { say "dockerd ended:"; tail -5 "$state/dockerd.log" >&2; rm -f "$state/dockerd.pid"; exit 1; }
        sleep 0.2
    done
    say "dockerd does not answer after 30 s:"; tail -5 "$state/dockerd.log" >&2; exit 1
}

install_packages
configure_podman
start_docker
"$here/../algorithms/build.sh" docker podman >&2 9>&-
"$here/../images/build.sh" "$state" docker podman >&2 9>&-
"$here/../images/python/build.sh" "$state" docker podman >&2 9>&-

printf 'export CONTAINERS_CONF=%q\nexport CONTAINERS_STORAGE_CONF=%q\nexport YUNPIPE_ENGINES="docker podman"\n' "$CONTAINERS_CONF" "$CONTAINERS_STORAGE_CONF"
