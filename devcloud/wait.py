"""Wait until the demo cloud can boot a server: every service reports in, every host takes part.

    wait.py services SINCE HOST...    Nova, Cinder and the network agents are up; HOSTs' reports are younger than SINCE
    wait.py hosts HOST...             the HOSTs are known as hypervisors and offer their room to the scheduler

SINCE is in seconds of the epoch. Ends with an error that names what is missing after three minutes.
"""

import calendar
import sys
import time

import openstack

cloud = openstack.connect()


def seconds(stamp):
    return calendar.timegm(time.strptime(stamp[:19], '%Y-%m-%dT%H:%M:%S')) if stamp else 0


def silent_services(since, hosts):
    """The names of services that have not reported in."""
    reports = {(s.binary, s.host): s for s in cloud.compute.services()}
    wanted = [('nova-compute', host) for host in hosts]
    for wish in wanted:
        report = reports.get(wish)
        if not report or report.state != 'up' or seconds(report.updated_at) < since:
            yield ' on '.join(wish)
    for binary in ('nova-scheduler', 'nova-conductor'):
        if not any(name == binary and report.state == 'up' for (name, _), report in reports.items()):
            yield binary
    up = {(a.agent_type, a.host) for a in cloud.network.agents() if a.is_alive}
    for host in hosts:
        if ('Open vSwitch agent', host) not in up:
            yield f'network agent on {host}'
    volume = {s.binary for s in cloud.block_storage.services() if s.state == 'up'}
    yield from {'cinder-scheduler', 'cinder-volume'} - volume


def missing_hosts(hosts):
    """The hosts that the scheduler cannot choose yet."""
    known = {h.name for h in cloud.compute.hypervisors()}
    for provider in cloud.placement.resource_providers():
        if provider.name in hosts and not any(True for _ in cloud.placement.resource_provider_inventories(provider)):
            known.discard(provider.name)
    return set(hosts) - known


def main():
    what, *words = sys.argv[1:]
    missing = ['everything']
    end = time.monotonic() + 180
    while missing and time.monotonic() < end:
        try:
            missing = sorted(silent_services(int(words[0]), words[1:]) if what == 'services' else missing_hosts(words))
        except openstack.exceptions.SDKException as error:
            missing = [str(error)]
        if missing:
            print('waiting for', ', '.join(missing), flush=True)
            time.sleep(1)
    if missing:
        sys.exit('still missing after three minutes: ' + ', '.join(missing))


if __name__ == '__main__':
    main()
