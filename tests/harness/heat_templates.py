"""Templates that tests have Heat make stacks of: without a server where none is needed."""

from __future__ import annotations

SMALL = """heat_template_version: 2021-04-16
description: Something that costs nothing
parameters:
  length: {type: number, default: 8, constraints: [{range: {min: 4, max: 64}}]}
  hush: {type: string, hidden: true, default: quiet}
resources:
  word: {type: OS::Heat::RandomString, properties: {length: {get_param: length}}}
outputs:
  word: {description: A word, value: {get_attr: [word, value]}}
"""
SERVER = """heat_template_version: 2021-04-16
parameters:
  NetID: {type: string, constraints: [{custom_constraint: neutron.network}]}
  name: {type: string}
resources:
  server:
    type: OS::Nova::Server
    properties:
      name: {get_param: name}
      image: cirros-0.6
      flavor: m1.tiny
      networks: [{network: {get_param: NetID}}]
outputs:
  name: {value: {get_attr: [server, name]}}
"""
NESTING = """heat_template_version: 2021-04-16
parameters:
  length: {type: number}
resources:
  inner: {type: nested.yaml, properties: {length: {get_param: length}}}
  alias: {type: "My::Word"}
outputs:
  word: {value: {get_attr: [inner, word]}}
"""
ENVIRONMENT = """parameters: {length: 5}
resource_registry: {"My::Word": nested.yaml}
"""
SLOW = """heat_template_version: 2021-04-16
parameters:
  seconds: {type: number, default: 0}
resources:
  slow: {type: OS::Heat::TestResource, properties: {value: {get_param: seconds}, wait_secs: {get_param: seconds}}}
"""
WAITING = """heat_template_version: 2021-04-16
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
  condition: {type: OS::Heat::WaitCondition, properties: {handle: {get_resource: handle}, timeout: 300}}
outputs:
  said: {value: {get_attr: [condition, data]}}
"""
