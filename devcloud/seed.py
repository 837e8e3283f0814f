"""Fill the demo cloud with what an operator sets up first.

Flavors, images, an external and a shared network, two projects with a member,
a reader and a project manager each, and a second domain with its manager. Running it again adds
what an interrupted run left out.
"""

import io
import sys

import openstack

password = sys.argv[1]
cloud = openstack.connect()
identity, compute, network, image, volume = (
    cloud.identity, cloud.compute, cloud.network, cloud.image, cloud.block_storage)

roles = {role.name: role.id for role in identity.roles()}

for name, vcpus, ram, disk in (('m1.tiny', 1, 512, 1), ('m1.small', 1, 2048, 20), ('m1.medium', 2, 4096, 40),
                               ('m1.large', 4, 8192, 80), ('c1.xlarge', 16, 32768, 160)):
    if not compute.find_flavor(name):
        compute.create_flavor(name=name, vcpus=vcpus, ram=ram, disk=disk)

for name, distro, minimum in (('cirros-0.6', 'cirros', 1), ('ubuntu-24.04', 'ubuntu', 10), ('debian-12', 'debian', 10)):
    found = image.find_image(name)
    if found and found.status == 'queued':      # its upload was interrupted
        image.delete_image(found.id)
        found = None
    if not found:
        image.create_image(name=name, disk_format='raw', container_format='bare', visibility='public', min_disk=minimum,
                           data=io.BytesIO(b'\0' * 1048576), os_distro=distro, validate_checksum=False)

public = network.find_network('public') or network.create_network(
    name='public', is_router_external=True, provider_network_type='flat', provider_physical_network='physnet1')
if not network.find_subnet('public-v4'):
    network.create_subnet(name='public-v4', network_id=public.id, ip_version=4, cidr='203.0.112.0/20',
                          gateway_ip='203.0.112.1', is_dhcp_enabled=False)
shared = network.find_network('shared') or network.create_network(name='shared', is_shared=True)
if not network.find_subnet('shared-v4'):
    network.create_subnet(name='shared-v4', network_id=shared.id, ip_version=4, cidr='10.64.0.0/16')

if not volume.find_type('standard'):
    volume.create_type(name='standard')

partner = identity.find_domain('partner') or identity.create_domain(name='partner')
people = (('alice', 'default', (('web', 'member'), ('data', 'member'))),
          ('bob', 'default', (('web', 'reader'),)),
          ('carol', 'default', (('data', 'manager'), ('data', 'member'))),
          ('nobody', 'default', ()),
          ('paula', partner.id, (('shop', 'member'),)))
for user_name, domain_id, memberships in people:
    user = identity.find_user(user_name, domain_id=domain_id) or identity.create_user(
        name=user_name, password=password, domain_id=domain_id, email=f'{user_name}@example.org')
    for project_name, role in memberships:
        project = identity.find_project(project_name, domain_id=domain_id) or identity.create_project(
            name=project_name, domain_id=domain_id, description=f'The {project_name} team')
        identity.assign_project_role_to_user(project, user, roles[role])
dora = identity.find_user('dora', domain_id=partner.id) or identity.create_user(
    name='dora', password=password, domain_id=partner.id, email='dora@example.org')
identity.assign_domain_role_to_user(partner, dora, roles['manager'])

for project_name, cidr in (('web', '192.168.10.0/24'), ('data', '192.168.20.0/24')):
    project = identity.find_project(project_name, domain_id='default')
    net_name, router_name = f'{project_name}-net', f'{project_name}-router'
    net = network.find_network(net_name) or network.create_network(name=net_name, project_id=project.id)
    subnet = network.find_subnet(f'{net_name}-v4') or network.create_subnet(
        name=f'{net_name}-v4', network_id=net.id, ip_version=4, cidr=cidr, project_id=project.id)
    if not network.find_router(router_name):
        network.create_router(name=router_name, project_id=project.id,
                              external_gateway_info={'network_id': public.id})
    router = network.find_router(router_name)
    if not any(network.ports(device_id=router.id, network_id=net.id)):
        network.add_interface_to_router(router, subnet_id=subnet.id)
