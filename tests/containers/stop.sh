#!/usr/bin/env bash
# Ends the docker daemon that setup.sh started – that process only, by its recorded id – and nothing that was there before.
set -euo pipefail

state=${YUNPIPE_CONTAINERS_STATE:-/var/tmp/yunpipe-containers}
[ -f "$state/dockerd.pid" ] || exit 0
pid=$(cat "$state/dockerd.pid")
if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
    kill "$pid"
    for _ in $(seq 100); do
        [ -d "/proc/$pid" ] || break
        sleep 0.1
    done
fi
rm -f "$state/dockerd.pid"
