#!/bin/bash
# A real Slurm with two hosts on this machine: does docs/cluster.md, and loses a host on the way.
# usage: cluster.sh PROGRAM   (root; a few minutes; packages come from Debian's mirrors)
#   UNDERSTUDY_CLUSTER_ROOT   a Debian root that the program runs in; left out: this machine's own. It is not changed.
#   UNDERSTUDY_CLUSTER_CACHE  a folder that keeps the downloaded packages
# The hosts are network namespaces on a bridge, each with a host name, a /tmp and a slurmd of its own. Everything lives
# in namespaces of this script's and in memory, and ends with it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
page=$here/../../docs/cluster.md
say() { echo "cluster: $*"; }
fail() { say "$*" >&2; exit 1; }
skip() { say "skipped: $*" >&2; exit 77; }

# The program's folder may be a mount of its own, so that it is named before anything else is mounted.
program=$(realpath "${1:?usage: cluster.sh PROGRAM}")
build=$(dirname "$(dirname "$program")")
stage=${2:-check}

case $stage in
  check)
    [ "$(id -u)" = 0 ] || skip "wants root, for namespaces and mounts, found $(id -un)"
    for tool in ip unshare chroot apt-get; do
      command -v $tool >/dev/null || skip "wants $tool, found none"
    done
    grep -q overlay /proc/filesystems || modprobe overlay 2>/dev/null || skip "wants overlay file systems, found none"
    exec unshare --mount --pid --fork --kill-child=KILL --mount-proc "$0" "$program" prepare
    ;;
  prepare) ;;
  inside) ;;
  *) fail "unknown stage $stage" ;;
esac

root=/media/root
in_root() { chroot "$root" /usr/bin/env HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

if [ "$stage" = prepare ]; then
  mount --make-rprivate /
  mount -t tmpfs -o size=4g tmpfs /media
  mkdir /media/root /media/upper /media/work
  mount -t overlay overlay -o "lowerdir=${UNDERSTUDY_CLUSTER_ROOT:-/},upperdir=/media/upper,workdir=/media/work" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mkdir -p "$root/run" "$root/tmp" "$root/$build"
  mount -t tmpfs tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind "$build" "$root/$build"
  rm -f "$root/etc/resolv.conf"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"  # nothing starts by itself
  chmod +x "$root/usr/sbin/policy-rc.d"
  if [ -n "${UNDERSTUDY_CLUSTER_CACHE:-}" ]; then
    mkdir -p "$UNDERSTUDY_CLUSTER_CACHE" "$root/var/cache/apt/archives"
    mount --bind "$UNDERSTUDY_CLUSTER_CACHE" "$root/var/cache/apt/archives"
  fi
  say "installing slurm-wlm and munge"
  { in_root apt-get update && in_root apt-get -o APT::Keep-Downloaded-Packages=true -y --no-install-recommends install slurm-wlm munge openmpi-bin; } \
    >"$root/install.log" 2>&1 </dev/null || { tail -5 "$root/install.log" >&2; fail "cannot install slurm-wlm and munge"; }
  exec unshare --net "$0" "$program" inside
fi

# From here on in a network of its own.
network() {
  ip link set lo up
  ip link add br99 type bridge
  ip addr add 10.99.0.1/24 dev br99
  ip link set br99 up
  mkdir -p /run/netns
  mount -t tmpfs tmpfs /run/netns  # this script's own
  for i in 1 2; do
    ip netns add n$i
    ip link add v$i type veth peer name e$i netns n$i
    ip link set v$i master br99 up
    ip netns exec n$i ip addr add 10.99.0.1$i/24 dev e$i
    ip netns exec n$i ip link set e$i up
    ip netns exec n$i ip link set lo up
  done
}

configure() {
  mkdir -p "$root"/etc/slurm "$root"/var/spool/slurmctld "$root"/var/log/slurm "$root"/shared
  printf '127.0.0.1 localhost\n10.99.0.1 ctl\n10.99.0.11 n1\n10.99.0.12 n2\n' >"$root/etc/hosts"
  cat >"$root/etc/slurm/slurm.conf" <<EOF
ClusterName=test
SlurmctldHost=ctl(10.99.0.1)
AuthType=auth/munge
SlurmUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=20
StateSaveLocation=/var/spool/slurmctld
SlurmctldLogFile=/var/log/slurm/slurmctld.log
SlurmdSpoolDir=/var/spool/slurmd-%n
SlurmdLogFile=/var/log/slurm/slurmd-%n.log
SlurmdPidFile=/run/slurmd-%n.pid
SlurmctldPidFile=/run/slurmctld.pid
AccountingStorageType=accounting_storage/none
NodeName=n1 NodeAddr=10.99.0.11 NodeHostname=n1 CPUs=2 RealMemory=4000
NodeName=n2 NodeAddr=10.99.0.12 NodeHostname=n2 CPUs=2 RealMemory=4000
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
EOF
  printf 'CgroupPlugin=cgroup/v1\nCgroupMountpoint=/sys/fs/cgroup\n' >"$root/etc/slurm/cgroup.conf"
}

on() {  # on HOST COMMAND...: as that host
  local host=$1
  shift
  local enter=()
  [ "$host" = ctl ] || enter=(ip netns exec "$host")
  "${enter[@]}" unshare -um bash -c '
    host=$1 root=$2
    shift 2
    hostname "$host"
    mount -t tmpfs tmpfs "$root/tmp"
    exec chroot "$root" /usr/bin/env HOME=/root LC_ALL=C.UTF-8 HWLOC_COMPONENTS=-linux "$@"' on "$host" "$root" "$@"
}

start() {
  mkdir -p "$root/run/munge"
  in_root chown munge: /run/munge
  in_root runuser -u munge -- /usr/sbin/munged --force >/dev/null 2>&1
  on ctl slurmctld
  for i in 1 2; do on n$i slurmd -N n$i; done
  for _ in $(seq 60); do
    [ "$(in_root sinfo -h -o '%T')" = idle ] && [ "$(in_root sinfo -h -o '%D')" = 2 ] && return
    sleep 1
  done
  in_root sinfo >&2 || true
  tail -5 "$root"/var/log/slurm/*.log >&2
  fail "the hosts did not come up"
}

as_user() {  # a script on the controller's host, in the shared folder
  on ctl env PATH="$(dirname "$program"):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" LD_LIBRARY_PATH="$build/lib" \
    UNDERSTUDY_LIBTORCH="${UNDERSTUDY_LIBTORCH:-}" bash -euc "cd /shared; $1"
}

wait_for_queue() {
  local end=$((SECONDS + ${1:-600}))
  while [ -n "$(in_root squeue -h)" ]; do
    [ $SECONDS -lt $end ] || { in_root squeue >&2; as_user "tail -n 3 */logs/slurm*" >&2; fail "the queue is not empty after ${1:-600} s"; }
    sleep 1
  done
}

# The blocks marked sh of the page that begin with the line given, one after the other.
block() {
  awk -v first="$1" '/^```/ { inside = ($0 == "```sh"); fresh = 1; next }
    inside { if (fresh) print_it = (index($0, first) == 1); fresh = 0; if (print_it) print }' "$page"
}

done_tasks() { find "$root/shared/$1" -path "*/$2/*.json" 2>/dev/null | wc -l; }

same() {  # the same bytes as on one machine
  cmp "$root/shared/$1" "$root/shared/$2" || fail "$2 differs from $1, which one machine made"
  say "$2: the same $(stat -c %s "$root/shared/$2") bytes as on one machine"
}

kill_n2() {
  ip link set v2 down
  # shellcheck disable=SC2046
  kill -KILL $(ip netns pids n2) 2>/dev/null || true
}

revive_n2() {
  ip link set v2 up
  on n2 slurmd -N n2
  for _ in $(seq 60); do
    [ "$(in_root sinfo -h -o '%T' -n n2)" = idle ] && return
    sleep 1
  done
  in_root sinfo >&2
  fail "n2 did not come back"
}

network
configure
start
say "$(in_root sinfo --version), $(in_root sinfo -h -o '%D hosts of %c processors')"

# 1. The page: a sweep of 12 trainings, with n2 killed while both hosts train.
as_user "$(block 'cat >')"
say "one machine:"
time as_user "understudy sweep swingup.toml --out one-machine 2>&1 | tail -4"
as_user "$(block 'understudy plan')"
as_user "$(block 'timeout')"
say "$(done_tasks plan results) of 12 trainings were done before the cluster came in"
as_user "$(block 'understudy work plan --slurm')"
end=$((SECONDS + 120))
until [ "$(done_tasks plan results)" -ge 2 ] && grep -lqs '"n2".*"running"\|"running".*"n2"' "$root"/shared/plan/claims/*; do
  [ $SECONDS -lt $end ] || fail "n2 had no task within two minutes"
  sleep 0.2
done
as_user "$(block 'understudy status')"
lost=$(grep -ls '"running".*"n2"' "$root"/shared/plan/claims/* | xargs -n 1 basename | sed 's/\..*//')
killed=$SECONDS
kill_n2
say "n2 is killed at $(done_tasks plan results) of 12 trainings, with $(echo "$lost" | wc -w) in it"
for task in $lost; do
  until [ -e "$root/shared/plan/results/$task.json" ]; do
    [ $((SECONDS - killed)) -lt 420 ] || { as_user "understudy status plan" >&2; fail "$task was not done within 7 minutes"; }
    sleep 0.5
  done
done
say "what n2 had begun is done $((SECONDS - killed)) s after its end"
wait_for_queue 420
say "the queue is empty $((SECONDS - killed)) s after its end"
as_user "understudy status plan"
as_user "$(block 'understudy collect')"
same one-machine/table.csv plan/table.csv
revive_n2

# 2. A suite of 24 evaluations.
as_user "$(sed -n '/^cat >suite.toml/,/^END/p' "$here/suite.sh")"
as_user "understudy eval --suite suite.toml --out suite-here >/dev/null 2>&1"
as_user "understudy plan eval --suite suite.toml --out suite; understudy work suite --slurm"
wait_for_queue 420
as_user "understudy collect suite"
same suite-here/suite.json suite/suite.json
same suite-here/suite.csv suite/suite.csv
[ "$(grep -l '"n1"' "$root"/shared/suite/claims/* | wc -l)" -gt 0 ] && [ "$(grep -l '"n2"' "$root"/shared/suite/claims/* | wc -l)" -gt 0 ] ||
  fail "one host did all evaluations"

# 3. The signal that Slurm sends before the time is up: saved, put back in the queue by exit code 75, gone on with.
train="train ppo --env InvertedPendulumSwingup --steps 60000 --eval-every 20000 --threads 1"
as_user "understudy $train --seed 1 --out undisturbed >/dev/null 2>&1"
as_user "understudy plan $train --seeds 1,2 --out long; understudy work long --slurm"
end=$((SECONDS + 300))
until [ "$(find "$root/shared/long/trials" -name config.toml | wc -l)" = 2 ]; do
  [ $SECONDS -lt $end ] || fail "the trainings did not begin within five minutes"
  sleep 0.2
done
sleep 3
in_root scancel --batch --signal=TERM --name=understudy
wait_for_queue 900
[ "$(done_tasks long results)" = 2 ] || { as_user "understudy status long" >&2; fail "the trainings are not done"; }
grep -hs "those that ran here have saved" "$root"/shared/long/logs/slurm* | sed 's/^/cluster: /'
grep -qs "those that ran here have saved" "$root"/shared/long/logs/slurm* || fail "no element was put back in the queue"
run=$(grep -l '^seed = 1$' "$root"/shared/long/trials/*/config.toml | head -1)
cmp "$(dirname "$run")/policy.pt" "$root/shared/undisturbed/policy.pt" || fail "the requeued training came to other bits"
say "a requeued training came to the bits of one that was not disturbed"
say "all passed"
