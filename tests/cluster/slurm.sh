#!/bin/bash
# A SLURM of one node for tests, in one folder, without systemd: slurm.sh start FOLDER, slurm.sh stop FOLDER.
# Needs the packages slurm-wlm and munge, and a host name that resolves. Any user can start it; jobs
# are that user's. Who submits needs SLURM_CONF=FOLDER/slurm.conf. Nothing outside the folder is touched.
set -eu
export PATH=$PATH:/usr/sbin:/sbin
what=$1
folder=$(realpath -m "$2")
export SLURM_CONF=$folder/slurm.conf
node=$(hostname -s)

until_true() {  # SECONDS COMMAND...
    local tries=$(($1 * 10))
    shift
    for _ in $(seq "$tries"); do
        if "$@" > /dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    echo "slurm.sh: waited in vain for: $*" >&2
    return 1
}

idle() { sinfo --noheader --format=%T | grep -q -e idle -e mix -e alloc; }
queue_is_empty() { [ -z "$(squeue --noheader)" ]; }

# A process that waits to be reaped by nobody still has a number: its state letter tells.
gone() {
    local state
    state=$(sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -c1)
    [ -z "$state" ] || [ "$state" = Z ]
}

write_conf() {
    local cpus memory
    cpus=$(slurmd -C | grep -o 'CPUs=[0-9]*' | head -n 1 | cut -d= -f2)
    memory=$(slurmd -C | grep -o 'RealMemory=[0-9]*' | cut -d= -f2)
    cat > "$SLURM_CONF" << END
ClusterName=isocortex
SlurmctldHost=$node(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=bf_interval=1,sched_interval=2,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
KillWait=2
MinJobAge=60
NodeName=$node NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$((memory - 512)) State=UNKNOWN
PartitionName=short Nodes=$node Default=YES MaxTime=01:00:00 State=UP DefMemPerCPU=1000
END
}

start() {
    mkdir -p "$folder"/state "$folder"/spool "$folder"/log
    chmod 755 "$folder"
    [ -s "$folder/munge.key" ] || (umask 077 && head -c 1024 /dev/urandom > "$folder/munge.key")
    write_conf
    munged --socket="$folder/munge.socket" --key-file="$folder/munge.key" --force \
        --pid-file="$folder/munged.pid" --log-file="$folder/log/munged.log" \
        --seed-file="$folder/munge.seed" --num-threads=2
    until_true 10 munge --no-input --socket="$folder/munge.socket"
    slurmctld
    until_true 20 scontrol ping
    slurmd -N "$node"
    until_true 20 idle
}

stop() {
    scancel --user="$(id -un)" || true
    until_true 20 queue_is_empty || true
    local name pid
    for name in slurmd slurmctld munged; do
        pid=$(cat "$folder/$name.pid" 2> /dev/null) || continue
        kill "$pid" 2> /dev/null || true
        until_true 10 gone "$pid" || kill -9 "$pid" 2> /dev/null || true
    done
}

case $what in
    start) start ;;
    stop) stop ;;
    *) echo "slurm.sh start|stop FOLDER" >&2 && exit 2 ;;
esac
