# SPDX-License-Identifier: Apache-2.0
"""What breaks in a life, each said in a few words; the loss is made good at
once, or some steps later, and nothing may be left of it.
"""

import collections

from lib import cluster, driveragent, nbview, wait

# Of steps, those at which something breaks.
SHARE = 0.09
# How many it takes until what is not made good at once is.
LATER_STEPS = 5

Trouble = collections.namedtuple('Trouble', 'what when weight')


def choose(troubles, chance, life):
    """What breaks at a step: a Trouble, or None.  While something is to
    be made good, nothing else does."""
    if chance.random() >= SHARE or life.undone:
        return None
    return chance.choices(troubles, [trouble.weight for trouble
                                     in troubles])[0]


def kill_driver(life):
    """the driver is killed"""
    driver = life.stand.find_driver()
    driver.kill()
    driver.start().wait_ready()


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
    for driver in life.stand.drivers:
        driver.process.freeze()
        life.later(LATER_STEPS, driver.process.thaw, holds_driver=True)


def hold_northd(life):
    """northd is held still"""
    life.stand.northd.freeze()
    life.later(LATER_STEPS, life.stand.northd.thaw)


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

def _kill_server(life, member):
    """It is back some steps later."""
    member.kill()

    def start():
        member.start()
        cluster.Cluster.wait_joined(member)
    life.later(LATER_STEPS, start)


def kill_octavia_leader(life):
    """the leader of OVN_Octavia is killed"""
    _kill_server(life, life.stand.octavia.wait_leader())


def kill_octavia_follower(life):
    """a follower of OVN_Octavia is killed"""
    _kill_server(life, life.stand.octavia.followers()[0])


def kill_northbound_leader(life):
    """the leader of the Northbound servers is killed"""
    _kill_server(life, life.stand.nb.wait_leader())


def kill_leader_and_driver(life):
    """the leader of OVN_Octavia and the active driver are killed"""
    driver = life.stand.find_driver()
    driver.kill()
    kill_octavia_leader(life)
    driver.start().wait_ready()


def transfer(life):
    """leadership is handed over"""
    for group in (life.stand.octavia, life.stand.nb):
        old = group.wait_leader()
        old.transfer()
        wait.until(lambda old=old, group=group:
                   group.leader() not in (None, old),
                   'another server leads', 20, 0.02)


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
CLUSTERS = (
    Trouble(kill_octavia_leader, 'during', 4),
    Trouble(kill_octavia_leader, 'before', 1),
    Trouble(kill_northbound_leader, 'during', 3),
    Trouble(kill_octavia_follower, 'before', 1),
    Trouble(kill_leader_and_driver, 'during', 2),
    Trouble(transfer, 'during', 2),
    Trouble(kill_driver, 'during', 3), Trouble(kill_api, 'during', 2),
    Trouble(hold_driver, 'before', 3), Trouble(damage, 'before', 3),
    Trouble(lose_northbound, 'before', 1),
)


def kill_agent(life):
    """the agent is killed"""
    life.stand.agent.kill()
    life.stand.agent.start().wait_ready()


def restart_driver_agent(life):
    """driver-agent goes and comes back"""
    life.stand.there.stop()
    life.stand.there.start()


def refuse_report(life):
    """Octavia refuses a report"""
    there = life.stand.there
    n_left = [2]

    def take(_):
        return driveragent.OK

    def refuse(report):
        n_left[0] -= 1
        if n_left[0] < 0:
            return driveragent.OK
        kind = next(kind for kind in driveragent.ORDER if kind in report)
        raise driveragent.Refusal(kind, report[kind][0]['id'])
    there.on_status = refuse
    # If nothing was reported in this step, nothing is refused.
    life.later(1, lambda: setattr(there, 'on_status', take))


PLUGIN = (
    Trouble(kill_agent, 'during', 6), Trouble(kill_driver, 'during', 3),
    Trouble(kill_octavia, 'during', 2),
    Trouble(kill_northbound, 'during', 2),
    Trouble(restart_driver_agent, 'during', 3),
    Trouble(refuse_report, 'during', 3), Trouble(hold_driver, 'before', 3),
    Trouble(lose_northbound, 'during', 1), Trouble(damage, 'before', 2),
)
