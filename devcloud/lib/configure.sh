# The base services' configuration, and the pieces of it that the optional services share.

dburl() { echo "mysql+pymysql://cloud:$PW@$IP/$1?charset=utf8mb4"; }
MQ=rabbit://guest:guest@$IP:5672/

authtoken() {                   # how a service validates tokens
  cat <<X
[keystone_authtoken]
www_authenticate_uri = http://$IP:5000
auth_url = http://$IP:5000
memcached_servers = $IP:11211
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = service
username = $1
password = $PW
X
}

client() {                      # how a service calls another one
  cat <<X
[$1]
auth_url = http://$IP:5000
auth_type = password
project_domain_id = default
user_domain_id = default
region_name = RegionOne
project_name = service
username = $2
password = $PW
X
}

configure() {
  # The cloud runs from copies, so that it outlives the checkout that started it.
  mkdir -p $D/drivers && cp -rf $here/drivers/. $D/drivers/
  # Nova loads compute drivers from its own package alone.
  ln -sf $D/drivers/slow_virt.py $VENV/lib/python3*/site-packages/nova/virt/
  mkdir -p $E $D/log $D/run $D/images $D/staging $D/tasks $D/nova $D/neutron $D/cinder $D/fernet $D/credential
  cat > $E/keystone.conf <<X
[DEFAULT]
log_file = $D/log/keystone.log
[database]
connection = $(dburl keystone)
[auth]
methods = password,token,oauth1,mapped,application_credential,totp
[token]
expiration = ${CLOUD_TOKEN_SECONDS:-14400}
[fernet_tokens]
key_repository = $D/fernet
[credential]
key_repository = $D/credential
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = $IP:11211
X
  cat > $E/glance-api.conf <<X
[DEFAULT]
log_file = $D/log/glance.log
enabled_backends = disk:file
enabled_import_methods = [glance-direct,web-download]
public_endpoint = http://$IP:9292
node_staging_uri = file://$D/staging
[glance_store]
default_backend = disk
[disk]
filesystem_store_datadir = $D/images
[os_glance_staging_store]
filesystem_store_datadir = $D/staging
[os_glance_tasks_store]
filesystem_store_datadir = $D/tasks
[import_filtering_opts]
allowed_ports = [80,443,8000,8080]
allowed_schemes = [http,https]
disallowed_hosts = []
[database]
connection = $(dburl glance)
[paste_deploy]
flavor = keystone
config_file = $VENV/etc/glance/glance-api-paste.ini
[oslo_limit]
[oslo_policy]
enforce_scope = true
enforce_new_defaults = true
$(authtoken glance)
X
  cat > $E/placement.conf <<X
[DEFAULT]
log_file = $D/log/placement.log
[api]
auth_strategy = keystone
[placement_database]
connection = $(dburl placement)
$(authtoken placement)
X
  cat > $E/nova.conf <<X
[DEFAULT]
state_path = $D/nova
transport_url = $MQ
compute_driver = slow_virt.SlowFakeDriver
osapi_compute_workers = 1
scheduler_workers = 1
my_ip = $IP
allow_resize_to_same_host = true
running_deleted_instance_action = noop
sync_power_state_interval = -1
instance_usage_audit = true
cpu_allocation_ratio = 16.0
block_device_allocate_retries = 60
block_device_allocate_retries_interval = 1
[api]
auth_strategy = keystone
[api_database]
connection = $(dburl nova_api)
max_pool_size = 20
[database]
connection = $(dburl nova)
max_pool_size = 20
[conductor]
workers = 1
[scheduler]
discover_hosts_in_cells_interval = 20
workers = 1
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = $IP:11211
[glance]
api_servers = http://$IP:9292
[oslo_concurrency]
lock_path = $D/nova/tmp
[quota]
driver = nova.quota.DbQuotaDriver
instances = ${CLOUD_QUOTA:-20}
cores = ${CLOUD_QUOTA_CORES:-40}
ram = ${CLOUD_QUOTA_RAM:-102400}
[vnc]
enabled = true
novncproxy_base_url = http://$IP:6080/vnc_auto.html
server_listen = $IP
server_proxyclient_address = $IP
[serial_console]
enabled = true
base_url = ws://$IP:6083/
[wsgi]
api_paste_config = $VENV/etc/nova/api-paste.ini
$(authtoken nova)
$(client neutron neutron)
service_metadata_proxy = false
$(client placement placement)
$(client cinder cinder)
os_region_name = RegionOne
$(client service_user nova)
send_service_user_token = true
X
  cat > $E/neutron.conf <<X
[DEFAULT]
state_path = $D/neutron
core_plugin = ml2
service_plugins = router,qos,trunk,segments,port_forwarding,network_ip_availability,auto_allocate,flavors,metering,ndp_proxy
transport_url = $MQ
auth_strategy = keystone
allow_overlapping_ips = true
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
rpc_workers = 1
rpc_state_report_workers = 1
api_workers = 1
api_paste_config = $VENV/etc/neutron/api-paste.ini
dhcp_agents_per_network = 1
agent_down_time = 120
max_allowed_address_pair = 50
[database]
connection = $(dburl neutron)
max_pool_size = 20
[ml2]
type_drivers = flat,vlan,vxlan
tenant_network_types = vxlan
mechanism_drivers = openvswitch
extension_drivers = port_security,qos,dns
[ml2_type_flat]
flat_networks = physnet1
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:200
[ml2_type_vxlan]
vni_ranges = 1:10000
[oslo_concurrency]
lock_path = $D/neutron/lock
[quotas]
quota_port = 50000
quota_security_group = 100
$(authtoken neutron)
$(client nova nova)
$(client placement placement)
X
  cat > $E/cinder.conf <<X
[DEFAULT]
state_path = $D/cinder
transport_url = $MQ
auth_strategy = keystone
my_ip = $IP
enabled_backends = fake
default_volume_type = standard
# What is counted against quotas drifts when volumes go in odd ways; count anew after so many seconds.
max_age = 10
glance_api_servers = http://$IP:9292
api_paste_config = $VENV/etc/cinder/api-paste.ini
resource_query_filters_file = $VENV/etc/cinder/resource_filters.json
rootwrap_config = $VENV/etc/cinder/rootwrap.conf
[fake]
volume_driver = row_volumes.RowVolumeDriver
volume_backend_name = fake
[database]
connection = $(dburl cinder)
[oslo_concurrency]
lock_path = $D/cinder/tmp
$(authtoken cinder)
$(client nova nova)
$(client service_user cinder)
send_service_user_token = true
X
}
