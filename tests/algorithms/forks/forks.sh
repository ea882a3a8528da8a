#!/bin/sh
# forks: leaves a child in its group, one in a session of its own, and a grandchild of a parent that has gone.
sleep 1000 &
setsid sleep 1000 &
(sleep 1000 &)
(setsid sh -c 'sleep 1000 & sleep 1000' &)
exit 0
