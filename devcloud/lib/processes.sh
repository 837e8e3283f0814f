# The cloud's own processes: starting them once, telling whether they live, and stopping them.

BASE='keystone glance placement nova neutron cinder neutron-rpc nova-conductor nova-scheduler cinder-scheduler cinder-volume agents'

forget_last_boot() {            # after a reboot every remembered pid may be another program's
  local boot
  boot=$(cat /proc/sys/kernel/random/boot_id)
  if [ -f $D/run/.boot ] && [ "$(cat $D/run/.boot)" != "$boot" ]; then rm -f $D/run/*.pid; fi
  echo $boot > $D/run/.boot
}

alive() {                       # alive PIDFILE: the process lives and is the one that was started
  local pid name
  [ -f $1 ] || return 1
  pid=$(cat $1)
  grep -aq "$D" "/proc/$pid/cmdline" 2>/dev/null || return 1
  # The pid may be another of this cloud's processes by now (a restarted container counts from 1 again).
  name=$(tr '\0' '\n' 2>/dev/null < /proc/$pid/environ | sed -n 's/^CLOUD_PROCESS=//p')
  [ -z "$name" ] || [ "$name" = "$(basename $1 .pid)" ]
}

daemon() {                      # daemon NAME COMMAND...: start it once, remember its pid
  local name=$1; shift
  if alive $D/run/$name.pid; then return; fi
  CLOUD_PROCESS=$name setsid "$@" >>$D/log/$name.out 2>&1 </dev/null &
  echo $! > $D/run/$name.pid
}

api() {                         # api NAME MODULE PORT CONFIG-ARGS
  if ! alive $D/run/$1.pid && open_port $3; then die "port $3 of $1 is taken by another program on this machine; stop that program"; fi
  daemon $1 $B/uwsgi --http-socket $IP:$3 --module $2 ${4:+--pyargv "$4"} --master --die-on-term --worker-reload-mercy 3 --enable-threads \
    --processes ${CLOUD_API_PROCESSES:-2} --threads 4 --lazy-apps --thunder-lock --buffer-size 65535 --so-keepalive --http-socket-modifier1 0 --req-logger file:$D/log/requests.log --log-format "$1 %(method) %(uri) %(status) %(msecs)ms" --add-header 'Connection: close'
}

wait_for() {                    # wait_for NAME URL
  local i
  for i in $(seq 240); do
    curl -s -o /dev/null "$2" && return
    [ ! -f $D/run/$1.pid ] || alive $D/run/$1.pid || { tail -n 5 $D/log/$1.out; die "$1 ended while starting; see $D/log/$1.out"; }
    sleep .5
  done
  die "$1 did not answer at $2; see $D/log/$1.out"
}

wait_for_queue() {              # wait_for_queue NAME: until a service reads it
  local i
  for i in $(seq 120); do
    grep -qx $1 <<<"$(rabbitmqctl -q list_consumers queue_name)" && return
    sleep .5
  done
  die "nothing reads the queue $1"
}

start_keystone() {
  OS_KEYSTONE_CONFIG_DIR=$E OS_KEYSTONE_CONFIG_FILES=keystone.conf api keystone keystone.wsgi.api:application 5000 ""
  wait_for keystone http://$IP:5000/v3
}

start_services() {
  OS_GLANCE_CONFIG_DIR=$E OS_GLANCE_CONFIG_FILES=glance-api.conf api glance glance.wsgi.api:application 9292 ""
  OS_PLACEMENT_CONFIG_DIR=$E api placement placement.wsgi.api:application 8778 ""
  wait_for placement http://$IP:8778
  OS_NOVA_CONFIG_DIR=/ OS_NOVA_CONFIG_FILES="${VENV#/}/etc/nova/api-paste.ini;${E#/}/nova.conf" api nova nova.wsgi.osapi_compute:application 8774 ""
  OS_NEUTRON_CONFIG_DIR=$E OS_NEUTRON_CONFIG_FILES=neutron.conf api neutron neutron.wsgi.api:application 9696 ""
  api cinder cinder.wsgi.api:application 8776 "--config-file $E/cinder.conf"
  daemon neutron-rpc $B/neutron-rpc-server --config-file $E/neutron.conf --log-file $D/log/neutron-rpc.log
  daemon nova-conductor $B/nova-conductor --config-file $E/nova.conf --log-file $D/log/nova-conductor.log
  daemon nova-scheduler $B/nova-scheduler --config-file $E/nova.conf --log-file $D/log/nova-scheduler.log
  daemon cinder-scheduler $B/cinder-scheduler --config-file $E/cinder.conf --log-file $D/log/cinder-scheduler.log
  daemon cinder-volume $B/cinder-volume --config-file $E/cinder.conf --log-file $D/log/cinder-volume.log
  wait_for nova http://$IP:8774
  wait_for glance http://$IP:9292
  wait_for cinder http://$IP:8776
  wait_for neutron http://$IP:9696
}

start_hosts() {
  local n hosts= since=0
  for n in $(seq $HOSTS); do
    hosts=${hosts:+$hosts,}compute$n
    mkdir -p $D/compute$n
    printf '[DEFAULT]\nhost = compute%s\nstate_path = %s/compute%s\n' $n $D $n > $E/compute$n.conf
    # The reports of an earlier run still count as "up" for a minute; wait for this run's.
    alive $D/run/compute$n.pid || since=$(date +%s)
    daemon compute$n $B/nova-compute --config-file $E/nova.conf --config-file $E/compute$n.conf --log-file $D/log/compute$n.log
  done
  daemon agents $B/python $D/drivers/agents.py --config-file $E/neutron.conf --log-file $D/log/agents.log $hosts
  admin
  $B/python $here/wait.py services $since ${hosts//,/ }
  [ "$(cat $D/mapped 2>/dev/null)" = $hosts ] || $B/nova-manage --config-file $E/nova.conf cell_v2 discover_hosts
  $B/python $here/wait.py hosts ${hosts//,/ }
  echo $hosts > $D/mapped
}

running() {                     # everything lives, and the services behind and in front answer
  local name n
  for name in $BASE $(seq -f compute%g $HOSTS); do alive $D/run/$name.pid || return 1; done
  for n in $(present); do
    for name in $D/run/$n.pid $D/run/$n-*.pid; do [ ! -e $name ] || alive $name || return 1; done
  done
  backing_answers && ready 2>/dev/null
}

ready() {                       # a token can be had, and each base service answers a request made with it
  local answer token project part code
  answer=$(curl -s -m 10 -i -H 'Content-Type: application/json' http://$IP:5000/v3/auth/tokens -d '{"auth": {"identity": {"methods": ["password"],
    "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "'$PW'"}}},
    "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}' | tr -d '\r') || true
  token=$(sed -n 's/^X-Subject-Token: //Ip' <<<"$answer")
  project=$(sed -n 's/.*"project": {[^}]*"id": "\([0-9a-f]\{32\}\)".*/\1/p' <<<"$answer")
  [ -n "$token" ] || { echo "Keystone gives no token at http://$IP:5000/v3" >&2; return 1; }
  for part in "nova 8774/v2.1/limits" "neutron 9696/v2.0/networks?limit=1" "glance 9292/v2/images?limit=1" "cinder 8776/v3/$project/limits"; do
    code=$(curl -s -m 10 -o /dev/null -w '%{http_code}' -H "X-Auth-Token: $token" "http://$IP:${part#* }") || true
    [ "$code" = 200 ] || { echo "${part%% *} answers $code at http://$IP:${part#* }" >&2; return 1; }
  done
}

stop() { halt $D/run/*.pid; }

halt() {                        # halt PIDFILE...: ask these process groups to end, then insist
  local f signal left
  for signal in TERM KILL; do
    for f; do
      [ -e "$f" ] || continue
      alive $f && kill -$signal -- -$(cat $f) 2>/dev/null || rm -f $f
    done
    for _ in $(seq 20); do
      left=
      for f; do
        [ -e "$f" ] || continue
        if alive $f; then left=yes; else rm -f $f; fi
      done
      [ "$left" ] || return 0
      sleep .5
    done
  done
}
