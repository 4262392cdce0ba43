# SPDX-License-Identifier: Apache-2.0
"""What breaks in a life, each said in a few words; the loss is made good at
once, or some steps later, and nothing may be left of it.
"""

import collections

from lib import nbview

# Of steps, those at which something breaks.
SHARE = 0.09
HELD_STEPS = 5

Trouble = collections.namedtuple('Trouble', 'what when weight')


def choose(troubles, chance, life):
    """What breaks at a step: a Trouble, or None.  While something is held
    still, nothing else does."""
    if chance.random() >= SHARE or life.held:
        return None
    return chance.choices(troubles, [trouble.weight for trouble
                                     in troubles])[0]


def kill_driver(life):
    """the driver is killed"""
    life.stand.driver.kill()
    life.stand.driver.start().wait_ready()


def kill_api(life):
    """the API is killed"""
    life.rest.close()
    life.stand.api.kill()
    life.stand.api.start()
    life.stand.wait_api()


def kill_octavia(life):
    """the server of OVN_Octavia is killed"""
    life.stand.octavia.kill()
    life.stand.octavia.start()


def kill_northbound(life):
    """the Northbound server is killed"""
    life.stand.nb.kill()
    life.stand.nb.start()


def kill_southbound(life):
    """the Southbound server is killed"""
    life.stand.sb.kill()
    life.stand.sb.start()


def hold_driver(life):
    """the driver is held still"""
    life.hold(life.stand.driver.process, HELD_STEPS)


def hold_northd(life):
    """northd is held still"""
    life.hold(life.stand.northd, HELD_STEPS)


def lose_northbound(life):
    """the Northbound database is lost, but for the networks"""
    life.stand.lose_northbound()


def damage(life):
    """rows of ours are damaged"""
    lb = life.choices.pick('loadbalancer')
    if lb is None:
        return
    with life.stand.nb.client() as db:
        rows = sorted((row for row in db.select('Load_Balancer')
                       if row['name'] == lb.key),
                      key=lambda row: (str(row['protocol']),
                                       row['selection_fields'],
                                       str(row['options'])))
        row = life.choices.random.choice(rows)
        name, harm = life.choices.random.choice(HARM)
        life.history[-1] += f': {name}'
        ports = [port['_uuid'] for port in db.select('Logical_Switch_Port')
                 if port['name'] == nbview.VIP_PORT + lb.key]
        db.transact(*harm(['uuid', row['_uuid']],
                          ['uuid', ports[0]] if ports else None))


def _update(table, key, **columns):
    return [{'op': 'update', 'table': table, 'row': columns,
             'where': [['_uuid', '==', key]]}]


def _columns(**columns):
    return lambda row, _: _update('Load_Balancer', row, **columns)


def _port_columns(**columns):
    """Of the VIP's port, unless it is the user's own."""
    return lambda _, port: port and _update('Logical_Switch_Port', port,
                                            **columns) or []


def _take_off(table, column, key):
    """From whatever refers to it."""
    return {'op': 'mutate', 'table': table, 'where': [],
            'mutations': [[column, 'delete', key]]}


def _delete(row, _):
    return [{'op': 'delete', 'table': 'Load_Balancer',
             'where': [['_uuid', '==', row]]}]


def _unplug(row, _):
    return [_take_off(table, 'load_balancer', row)
            for table in ('Logical_Switch', 'Logical_Router',
                          'Load_Balancer_Group')]


def _delete_port(_, port):
    return [_take_off('Logical_Switch', 'ports', port)] if port else []


NO_SET, NO_MAP = ['set', []], ['map', []]
HARM = (
    ('no row', _delete), ('on nothing', _unplug),
    ('no vips', _columns(vips=NO_MAP)),
    ('other vips', _columns(vips=['map', [['10.1.0.98:81',
                                           '10.1.0.99:1']]])),
    ('no ids', _columns(external_ids=NO_MAP)),
    ('other protocol', _columns(protocol='sctp')),
    ('other name', _columns(name='other')),
    ('no hash', _columns(selection_fields=NO_SET)),
    ('no options', _columns(options=NO_MAP)),
    ('no checks', _columns(health_check=NO_SET)),
    ('no mappings', _columns(ip_port_mappings=NO_MAP)),
    ('no VIP port', _delete_port),
    ('VIP port without address', _port_columns(addresses=NO_SET)),
    ('other VIP port', _port_columns(
        addresses='02:00:00:00:00:77 10.1.0.77', type='')),
)

SINGLE = (
    Trouble(kill_driver, 'before', 3), Trouble(kill_driver, 'during', 3),
    Trouble(kill_api, 'before', 1), Trouble(kill_api, 'during', 4),
    Trouble(kill_octavia, 'before', 1), Trouble(kill_octavia, 'during', 2),
    Trouble(kill_northbound, 'before', 1),
    Trouble(kill_northbound, 'during', 2),
    Trouble(kill_southbound, 'before', 1),
    Trouble(hold_driver, 'before', 5), Trouble(hold_northd, 'before', 1),
    Trouble(lose_northbound, 'before', 2), Trouble(damage, 'before', 6),
)
