"""Fill a container of the demo cloud's Swift with many objects, fast.

    fill_objects.py ACCOUNT CONTAINER COUNT [FOLDERS]

Writes rows into the container's own database with Swift's ContainerBroker, so that listing, paging and searching a
hundred thousand objects costs what it would cost in earnest. The container has to be there; the objects have no
content: show them, don't read them. ACCOUNT is AUTH_ and the project's id. Half of them lie below FOLDERS folders (100
if not said). With a COUNT of 0 the rows are marked deleted, so that the container can be deleted.
"""

import os
import pathlib
import sys
import time

from swift.common import utils
from swift.common.ring import Ring
from swift.container.backend import ContainerBroker

account, container, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
folders = int(sys.argv[4]) if len(sys.argv) > 4 else 100
place = pathlib.Path(os.environ.get('CLOUD_DIR') or pathlib.Path(sys.prefix).parent) / 'with' / 'swift'
utils.SWIFT_CONF_FILE = str(place / 'swift.conf')
utils.validate_hash_conf()

part, nodes = Ring(str(place), ring_name='container').get_nodes(account, container)
mark = utils.hash_path(account, container)
path = place / 'devices' / nodes[0]['device'] / utils.storage_directory('containers', part, mark) / f'{mark}.db'
broker = ContainerBroker(str(path), account=account, container=container)
began = time.time()


def record(name, at, deleted=0):
    return {
        'name': name,
        'created_at': utils.Timestamp(at).internal,
        'size': 0 if deleted else 4096,
        'content_type': 'application/deleted' if deleted else 'text/plain',
        'etag': 'noetag' if deleted else 'd41d8cd98f00b204e9800998ecf8427e',
        'deleted': deleted,
        'storage_policy_index': 0,
        'ctype_timestamp': None,
        'meta_timestamp': None,
    }


def names():
    for number in range(count):
        yield f'object-{number:06}.txt' if number % 2 else f'folder-{number // 2 % folders:04}/object-{number:06}.txt'


if count:
    records = (record(name, began) for name in names())
else:
    found = broker.list_objects_iter(10_000_000, '', '', '', '')
    records = (record(item[0], began, deleted=1) for item in found)
batch = []
for item in records:
    batch.append(item)
    if len(batch) == 5000:
        broker.merge_items(batch)
        batch = []
broker.merge_items(batch)
print(broker.get_info()['object_count'])
