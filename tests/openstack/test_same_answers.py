# SPDX-License-Identifier: Apache-2.0
"""Our own API answers as Octavia with our provider does.

The same requests go to both, one after the other, on the same Neutron and
Keystone.
"""

import re

import conversation
from lib import openstack_harness, ownapi

# What Octavia says if its own code fails: with 500, or 400 with the words of
# a Python exception.
INTERNAL = (r"^\(500,|unhashable type|int\(\) argument must|is not a valid "
            r"option for|__init__\(\)")

# Answers that differ: a pattern of the request, one of Octavia's answer, and
# why.  The first that fits counts.
DIFFERENCES = (
    ('', INTERNAL, 'clear words, and 400, for what the client did wrong; '
     'null where nothing is required is as if it were not there'),
    ('GET .*limit=x', '', 'the fault is said in both shapes of bodies'),
    ('GET providers', '', 'another provider is configured'),
    ('GET quotas$', '', 'Octavia has a row of its own making'),
    ('GET quotas/defaults', r'^\(403,', 'clients of every project ask for it'),
    ('POST loadbalancers .*"(flavor_id|availability_zone)": null',
     r'^\(400,', 'null is as if it were not there'),
    ('POST .*_id": null', r'^\(404,', 'it is missing, not unknown'),
    ('(POST|PUT) .*address": (65536|true)', '', 'a number is no address'),
    ('(POST|PUT) .*"url_path": ', 'valid URL Path', 'no text at all'),
    ('PUT listeners.*"l7policies": ', '', 'none are taken in a PUT, too'),
    ('PUT listeners/{listener} {}', 'No listener object supplied',
     'the words of the other objects'),
    ('POST listeners .*"connection_limit": null', '',
     'the default is printed'),
    ('POST pools .*"(members|healthmonitor)": ', r'^\(400,',
     'a pool alone takes none, whatever they are'))

# Attributes of later versions than Octavia's may be; what Octavia leaves out
# where there is none.
LATER = ('hsts_max_age', 'hsts_include_subdomains', 'hsts_preload',
         'vip_sg_ids', 'vip_vnic_type', 'vnic_type', 'healthmonitor_id')

# Our driver may be ready before a reply is.
QUICK = ('provisioning_status', 'operating_status', 'updated_at')


def only_common(theirs, ours, is_write):
    """Our answer without what Octavia's does not have."""
    if isinstance(theirs, list) and isinstance(ours, list):
        return [only_common(*pair, is_write) for pair
                in zip(theirs, ours)] + ours[len(theirs):]
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return ours
    return {key: theirs[key] if is_write and key in QUICK and key in theirs
            else only_common(theirs.get(key), item, is_write)
            for key, item in ours.items()
            if key in theirs or key not in LATER}


def difference(request, theirs, ours):
    """One answer beside the other if they differ, '' if not or if that is
    known."""
    ours = ours[0], only_common(theirs[1], ours[1],
                                request.startswith(('POST', 'PUT')))
    if theirs == ours or any(
            re.match(known, request) and re.search(answer, str(theirs))
            for known, answer, _ in DIFFERENCES):
        return ''
    return f'{request}\n  Octavia: {theirs}\n  ours:    {ours}'


class SameAnswers(openstack_harness.OpenStackTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theirs = cls.talk()
        cls.stack.switch('none')
        # As the provider does by default.
        own = ownapi.OwnApi(cls.stack, unsupported_options='accept')
        cls.addClassCleanup(own.stop)
        own.start()
        cls.ours = cls.talk()

    @classmethod
    def talk(cls):
        api = cls.stack.client()
        topology = cls.world.topology
        talk = conversation.Conversation(
            api, subnet=topology.id('subnet', 'n1'),
            network=topology.id('network', 'n1'), project=topology.project)
        try:
            talk.make()
            talk.read()
            talk.write()
        finally:
            for lb in api.get('/loadbalancers'):
                api.wait_settled(lb['id'])
                api.delete_loadbalancer(lb['id'])
        return talk.answers

    def compare(self, pattern):
        requests = [request for request in self.theirs
                    if re.match(pattern, request)]
        self.assertTrue(requests)
        different = [text for text in (
            difference(request, self.theirs[request], self.ours[request])
            for request in requests) if text]
        print(f'     {len(requests)} requests', flush=True)
        self.assertFalse(different, '\n'.join(
            [f'{len(different)} of {len(requests)} differ', *different]))

    def test_others(self):
        """what is about no object of ours is answered as by Octavia"""
        paths = '|'.join(re.escape(path) + r'([ ?/]|$)' for path, *_
                         in conversation.KINDS.values())
        self.compare(rf'\w+ (?!{paths})')


def _add(method, kind, path):
    def test(self):
        self.compare(f'{method} {re.escape(path)}')
    test.__doc__ = f'{method} of a {kind} is answered as by Octavia'
    setattr(SameAnswers, f'test_{method.lower()}_{kind}', test)


for _method in ('GET', 'POST', 'PUT', 'DELETE'):
    for _kind, (_path, *_) in conversation.KINDS.items():
        _add(_method, _kind, _path)
