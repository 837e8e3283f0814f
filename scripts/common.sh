# Shared by ./run and ./test: messages, the right Python, root's rights, and the virtual environment.
# Sourced, never run. Everything it makes lies in $CACHE, outside of the checkout.

CACHE=${BELVEDERE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/belvedere}
CLOUD_DIR=${CLOUD_DIR:-/var/tmp/openstack-cloud}
export CLOUD_DIR

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'; else BOLD='' RED='' GREEN='' PLAIN=''; fi

say() { printf '%s\n' "$*"; }
die() { printf '%s%s%s\n' "$RED" "$*" "$PLAIN" >&2; exit 1; }

as_root() {                     # as_root COMMAND...: as it is when root, else through sudo
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n true 2>/dev/null || say 'sudo may ask for your password.' >&2; sudo "$@"; fi
}

can_be_root() { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }

find_python() {                 # sets PYTHON and PYTHON_VERSION: the first Python that is new enough
  local candidate version
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    version=$("$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3] if sys.version_info >= (3, 11) else "")' 2>/dev/null) || continue
    if [ -n "$version" ]; then PYTHON=$(command -v "$candidate") PYTHON_VERSION=$version; return; fi
  done
  version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
  die "Belvedere needs Python 3.11 or newer, and this machine has $version; install one, or name it: PYTHON=/path/to/python3.12 $0"
}

install_debian() {              # install_debian WHY PACKAGE...
  local why=$1; shift
  command -v apt-get >/dev/null || die "$why needs $* (names of Debian packages); this is not Debian or Ubuntu, so install them by hand and run this again."
  can_be_root || die "$why needs the Debian packages $*; become root or install sudo, or run: apt-get install $*"
  say "Installing $* with apt-get (for $why) ..."
  as_root apt-get update -qq || say 'apt-get update failed; trying with the lists that are here.' >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null \
    || die "apt-get could not install $*; see what it says above."
}

make_venv() {                   # make_venv LOCKFILE: sets VENV; installs once for each lock file and Python
  local lock=$1 key half started=$SECONDS
  find_python
  key=$({ cat "$lock"; echo "$PYTHON $PYTHON_VERSION $(uname -m)"; } | sha256sum | cut -c1-12)
  VENV=$CACHE/venv-$key
  export PATH=$VENV/bin:$PATH
  [ -e "$VENV/.complete" ] && return
  mkdir -p "$CACHE"
  # Two first runs at once would write into each other's half-made environment.
  exec 8>"$VENV.lock"
  flock 8
  if [ ! -e "$VENV/.complete" ]; then
    say "${BOLD}Installing Python packages${PLAIN} into $VENV (once; a minute or two on a slow line) ..."
    rm -rf "$VENV"
    if ! "$PYTHON" -m venv "$VENV" >/dev/null 2>&1; then
      half=$(cut -d. -f1,2 <<<"$PYTHON_VERSION")
      install_debian 'a virtual environment' "python$half-venv"
      rm -rf "$VENV"
      "$PYTHON" -m venv "$VENV" || die "$PYTHON cannot make a virtual environment; see what it says above."
    fi
    "$VENV/bin/pip" install --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r "$lock" \
      2> >(grep -v '^WARNING: Location' >&2) | pip_progress "$(grep -c '^[a-z0-9].*==' "$lock")" \
      || { rm -rf "$VENV"; die "pip could not install from $lock; see what it says above."; }
    touch "$VENV/.complete"
    say "  done in $((SECONDS - started)) s"
  fi
  exec 8>&-
}

pip_progress() {                # one line that counts up, in place of pip's hundreds
  local total=$1 count=0 line
  while IFS= read -r line; do
    case $line in
      Collecting*) count=$((count + 1)); line=${line#Collecting }
        [ -t 1 ] && printf '\r\e[K  %d of at most %d: %s' "$count" "$total" "${line%% *}" ;;
      Installing*) [ -t 1 ] && printf '\r\e[K'; say "  unpacking $count packages" ;;
    esac
  done
  return 0
}
