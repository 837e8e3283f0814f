# Accounts, databases and what a new cloud's operator sets up; and the optional services.

database() {                    # database NAME...: create them, for the account "cloud"
  local n
  for n; do
    mariadb -e "CREATE DATABASE IF NOT EXISTS $n CHARACTER SET utf8mb4; GRANT ALL ON $n.* TO 'cloud'@'%' IDENTIFIED BY '$PW'; GRANT ALL ON $n.* TO 'cloud'@'localhost' IDENTIFIED BY '$PW';"
  done
}

drop_databases() {
  local n
  for n in keystone glance placement nova_api nova nova_cell0 neutron cinder $(for s in $(present); do load $s; echo $databases; done); do
    mariadb -e "DROP DATABASE IF EXISTS $n"
  done
}

databases() {
  forget_caches                 # an earlier cloud's identities may still be there
  rabbitmqctl -q stop_app && rabbitmqctl -q reset && rabbitmqctl -q start_app
  database keystone glance placement nova_api nova nova_cell0 neutron cinder
  $B/keystone-manage --config-file $E/keystone.conf fernet_setup --keystone-user root --keystone-group root
  $B/keystone-manage --config-file $E/keystone.conf credential_setup --keystone-user root --keystone-group root
  $B/keystone-manage --config-file $E/keystone.conf db_sync
  $B/keystone-manage --config-file $E/keystone.conf bootstrap --bootstrap-password $PW --bootstrap-region-id RegionOne \
    --bootstrap-admin-url http://$IP:5000/v3 --bootstrap-internal-url http://$IP:5000/v3 --bootstrap-public-url http://$IP:5000/v3
  $B/glance-manage --config-file $E/glance-api.conf db_sync >/dev/null 2>&1
  $B/glance-manage --config-file $E/glance-api.conf db_load_metadefs $VENV/etc/glance/metadefs >/dev/null 2>&1
  $B/placement-manage --config-file $E/placement.conf db sync
  $B/nova-manage --config-file $E/nova.conf api_db sync
  $B/nova-manage --config-file $E/nova.conf cell_v2 map_cell0 --database_connection "$(dburl nova_cell0)"
  $B/nova-manage --config-file $E/nova.conf cell_v2 list_cells | grep -q cell1 || $B/nova-manage --config-file $E/nova.conf cell_v2 create_cell --name cell1
  $B/nova-manage --config-file $E/nova.conf db sync
  $B/neutron-db-manage --config-file $E/neutron.conf upgrade heads >/dev/null
  $B/cinder-manage --config-file $E/cinder.conf db sync >/dev/null 2>&1
}

admin() { export OS_AUTH_URL=http://$IP:5000/v3 OS_USERNAME=admin OS_PASSWORD=$PW OS_PROJECT_NAME=admin OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne; }

base_catalog() { catalog glance image 9292 / placement placement 8778 / nova compute 8774 /v2.1 neutron network 9696 / cinder block-storage 8776 /v3; }

catalog() {                     # catalog NAME TYPE PORT PATH...: service accounts and endpoints; in one process, since the CLI is slow to start
  admin
  $D/venv/bin/python - "$@" <<X
import sys
import openstack
c = openstack.connect()
dom = 'default'
roles = {r.name: r.id for r in c.identity.roles()}
service = c.identity.find_project('service') or c.identity.create_project(name='service', domain_id=dom)
roles.setdefault('service', (c.identity.find_role('service') or c.identity.create_role(name='service')).id)
words = iter(sys.argv[1:])
for name, kind, port, path in zip(words, words, words, words):
    u = c.identity.find_user(name) or c.identity.create_user(name=name, password='$PW', domain_id=dom)
    for role in ('admin', 'service'):
        c.identity.assign_project_role_to_user(service, u, roles[role])
    s = next(iter(c.identity.services(type=kind)), None) or c.identity.create_service(name=name, type=kind)
    url = 'http://$IP:%s%s' % (port, path.rstrip('/'))
    known = {e.interface: e for e in c.identity.endpoints(service_id=s.id)}
    for interface in ('public', 'internal', 'admin'):
        if interface not in known:
            c.identity.create_endpoint(service_id=s.id, interface=interface, region_id='RegionOne', url=url)
        elif known[interface].url != url:
            c.identity.update_endpoint(known[interface], url=url)
X
}

seed() {                        # what a new cloud's operator would set up: flavors, images, networks, people
  admin
  $B/python $here/seed.py $PW
  cp $here/seed.py $D/seeded
}

seeded() { cmp -s $here/seed.py $D/seeded; }   # by this very seed.py: an older one made less

# Optional services. services/NAME.sh says what NAME is made of: the variables
# below, and the functions settings (write its configuration), create (its
# tables, once), run (start its processes) and populate (what an operator would
# add, once, when it runs). $S is its folder for settings and data.
load() {
  packages= databases= endpoints= needs= venv=$D/venv
  settings() { :; }; create() { :; }; run() { :; }; populate() { :; }
  S=$D/with/$1
  . $here/services/$1.sh
  VENV=$venv B=$venv/bin
}

known() { (cd $here/services; ls *.sh | sed 's/\.sh$//'); }
as_written() { cmp -s $here/services/$1.sh $D/with/$1/ready; }   # set up, and by this very file
present() { (cd $D/with 2>/dev/null && ls -d */ready | sed 's,/ready,,') || true; }

pip_install() {
  make_venv
  if command -v uv >/dev/null; then uv pip install -q --python $B/python "$@"; else $B/pip install -q "$@"; fi
}

add() (                         # add NAME: set up an optional service, or as its file says now, in a shell of its own
  load $1
  for n in $needs; do [ -f $D/with/$n/ready ] || add $n; done
  mkdir -p $S
  pip_install $packages
  settings
  if [ ! -f $S/ready ]; then
    database $databases
    catalog ${endpoints:-}
    create
  elif ! as_written $1; then
    halt $D/run/$1.pid $D/run/$1-*.pid   # to read its settings anew
  fi
  revive $1
  if [ ! -f $S/ready ]; then admin; populate; fi
  cp $here/services/$1.sh $S/ready
)

revive() (                      # revive NAME: start a service that is set up
  load $1
  export CLOUD_API_PROCESSES=${CLOUD_API_PROCESSES:-1} PYTHONWARNINGS=ignore
  settings
  run
  set -- $1 $endpoints
  [ $# -lt 4 ] || wait_for $1 http://$IP:$4
)

