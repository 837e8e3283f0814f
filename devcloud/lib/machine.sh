# What the cloud asks of the machine: messages, root's rights, packages, and the backing services.

if [ -t 1 ]; then TTY=yes; else TTY=; fi

die() { printf '%s\n' "$*" >&2; exit 1; }

# step WHAT USUALLY COMMAND...: run it with its noise in the log, and show the time that goes by.
step() {
  local what=$1 usually=$2 began=$SECONDS job code=0
  shift 2
  if [ $TTY ]; then printf '  %s (usually %s) ...' "$what" "$usually"; else printf '  %s (usually %s) ...\n' "$what" "$usually"; fi
  printf '\n== %s\n' "$what" >>$SETUP_LOG
  # A process group of its own, so that Ctrl-C ends all of a step, and not only this script.
  set -m
  (set +m -e; "$@") >>$SETUP_LOG 2>&1 </dev/null 9>&- &
  job=$!
  set +m
  trap 'kill -TERM -- -$job 2>/dev/null; printf "\nStopped; run it again to go on from here.\n" >&2; exit 130' INT TERM
  while [ $TTY ] && kill -0 $job 2>/dev/null; do
    printf '\r\e[K  %s (usually %s) ... %d s' "$what" "$usually" $((SECONDS - began))
    sleep .5
  done
  wait $job || code=$?
  trap - INT TERM
  [ -z "$TTY" ] || printf '\r\e[K'
  if [ $code != 0 ]; then
    grep -v '^ *$' $SETUP_LOG | tail -n 15 >&2
    die "The demo cloud stopped at '$what'; the lines above are the end of $SETUP_LOG. Run it again to go on from here."
  fi
  printf '  %s: done in %d s\n' "$what" $((SECONDS - began))
}

become_root() {                 # become_root ARGUMENTS...: run this script again with root's rights, or say why not
  [ "$(id -u)" != 0 ] || return 0
  command -v sudo >/dev/null || die 'The demo cloud sets up database and queue servers, which needs root: run this as root, or install sudo.'
  sudo -n true 2>/dev/null || { [ -t 0 ] || die 'The demo cloud needs root, and sudo asks for a password with no terminal to ask on: run this as root.'
    echo 'The demo cloud needs root; sudo may ask for your password.'; }
  local kept=() name
  for name in $(compgen -e CLOUD_ || true) http_proxy https_proxy no_proxy PIP_CERT PIP_INDEX_URL PIP_CONFIG_FILE; do
    [ -z "${!name:-}" ] || kept+=("$name=${!name}")
  done
  exec sudo env "${kept[@]}" "$here/cloud" "$@"
}

open_port() { (exec 3<>/dev/tcp/$IP/$1) 2>/dev/null; }

new_python() {                  # print a Python that Nova runs on; Debian 12's own first, it is the one tried most
  local candidate
  for candidate in python3.11 python3 python3.12 python3.13; do
    if $candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then echo $candidate; return; fi
  done
}

machine_packages() {
  local missing=() python
  python=$(new_python)
  [ -n "$python" ] || die 'The demo cloud needs Python 3.11, 3.12 or 3.13, and this machine has none of them.'
  # ensurepip is what Debian leaves out of python3; without it a virtual environment has no pip.
  [ -e $VENV/.complete ] || $python -c 'import ensurepip, venv' 2>/dev/null ||
    missing+=("python$($python -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv")
  command -v mariadbd >/dev/null || missing+=(mariadb-server)
  command -v rabbitmq-server >/dev/null || missing+=(rabbitmq-server)
  command -v memcached >/dev/null || missing+=(memcached)
  command -v curl >/dev/null || missing+=(curl)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "The demo cloud needs ${missing[*]} (names of Debian packages), and this is not Debian or Ubuntu; install them by hand and run this again."
  step "installing ${missing[*]} with apt-get" '30 to 60 s' apt_install "${missing[@]}"
}

apt_install() {
  apt-get update -qq || echo 'apt-get update failed; trying with the lists that are here'
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}

backing() {                     # the database, the queue and the cache
  mkdir -p /run/mysqld && chown mysql /run/mysqld
  if ! mariadb -e 'select 1' >/dev/null 2>&1; then
    setsid mariadbd --user=mysql --max-connections=800 --skip-log-bin --bind-address=$IP >>$D/log/mariadb.out 2>&1 </dev/null &
  fi
  open_port 5672 || rabbitmqctl await_startup --timeout 2 >/dev/null 2>&1 || rabbitmq-server -detached >/dev/null 2>&1
  open_port 11211 || memcached -u nobody -d -l $IP
  for _ in $(seq 120); do mariadb -e 'select 1' >/dev/null 2>&1 && break; sleep .5; done
  mariadb -e 'select 1' >/dev/null || die "MariaDB did not start; see $D/log/mariadb.out and /var/log/mysql"
  mariadb -e 'set global max_connections = 800'   # where the machine's own init started it
  for _ in $(seq 60); do rabbitmqctl await_startup --timeout 10 >/dev/null 2>&1 && return; sleep 1; done
  die 'RabbitMQ did not start; see /var/log/rabbitmq'
}

backing_answers() { mariadb -e 'select 1' >/dev/null 2>&1 && open_port 5672 && open_port 11211; }

forget_caches() {
  exec 3<>/dev/tcp/$IP/11211
  printf 'flush_all\r\nquit\r\n' >&3
  cat <&3 >/dev/null
  exec 3>&-
}

make_venv() {                   # make_venv: at $VENV
  [ -x $B/python ] && $B/python -c '' 2>/dev/null && [ -x $B/pip ] && return
  rm -rf $VENV
  $(new_python) -m venv $VENV
}

install() {                     # a note of what is in the venv tells a whole install from an interrupted one
  make_venv
  $B/pip install --upgrade pip
  $B/pip install $PKGS
  echo "$PKGS" > $VENV/.complete
}

installed() {
  # A cloud that was set up before the note was kept has a whole install, or it would not be ready.
  if [ ! -e $VENV/.complete ] && [ -f $D/ready ] && [ -x $B/nova-manage ]; then echo "$PKGS" > $VENV/.complete; fi
  [ "$(cat $VENV/.complete 2>/dev/null)" = "$PKGS" ]
}
