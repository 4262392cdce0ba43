/* SPDX-License-Identifier: Apache-2.0
 *
 * A topology over a real Northbound database, for tests: changes the database,
 * lets the topology follow, and compares it with one that was built from
 * nothing.
 */

#ifndef TOPOLOGY_FIXTURE_H
#define TOPOLOGY_FIXTURE_H 1

#include <stdint.h>
#include "base/ip-set.h"
#include "openvswitch/shash.h"
#include "svec.h"
#include "uuidset.h"

struct ovsdb_fixture;
struct ovsdb_idl;
struct topology;

struct topology_fixture {
    struct ovsdb_fixture *db;
    struct ovsdb_idl *idl;
    struct topology *topology;
    int64_t nb_cfg;                     /* Goes up with each transaction. */
    struct uuidset changed_switches;    /* Since the last sync. */
    struct uuidset changed_routers;
    struct ip_set changed_addresses;
    struct svec meanings;               /* Of all addresses at the last sync:
                                         * see topology-meaning.h. */
    struct svec subnets;                /* At the last sync: see
                                         * topology-subnets.h. */
    struct ip_set nat_ips;              /* All that NAT rows ever had. */
    struct shash names;                 /* Of all rows ever reported, by
                                         * UUID. */
};

/* Operations on rows by their names, for ovsdb_fixture_transact().  ROW_NAME
 * must be an identifier, so that other operations of the same transaction can
 * refer to the new row.  COLUMNS is empty or begins with a comma. */
#define OP_INSERT(TABLE, ROW_NAME, COLUMNS)                             \
    "{'op':'insert','table':'" TABLE "','uuid-name':'" ROW_NAME "',"    \
    "'row':{'name':'" ROW_NAME "'" COLUMNS "}}"
#define OP_INSERT_AS(TABLE, ROW_NAME, ROW_UUID, COLUMNS)                \
    "{'op':'insert','table':'" TABLE "','uuid':'" ROW_UUID "',"         \
    "'row':{'name':'" ROW_NAME "'" COLUMNS "}}"
#define OP_WHERE(OP, TABLE, ROW_NAME)                                   \
    "{'op':'" OP "','table':'" TABLE "',"                               \
    "'where':[['name','==','" ROW_NAME "']]"
#define OP_UPDATE(TABLE, ROW_NAME, COLUMNS)                             \
    OP_WHERE("update", TABLE, ROW_NAME) ",'row':{" COLUMNS "}}"
#define OP_DELETE(TABLE, ROW_NAME) OP_WHERE("delete", TABLE, ROW_NAME) "}"
#define OP_PORTS(TABLE, ROW_NAME, HOW, PORT)                            \
    OP_WHERE("mutate", TABLE, ROW_NAME)                                 \
    ",'mutations':[['ports','" HOW "'," PORT "]]}"

/* A UUID to give to a row, N being a hexadecimal digit, and how to refer to
 * it. */
#define FIXED(N) "0000000" N "-0000-4000-8000-000000000000"
#define REF(ROW_UUID) "['uuid','" ROW_UUID "']"
#define NEW(ROW_NAME) "['named-uuid','" ROW_NAME "']"
#define MAP(KEY, VALUE) "['map',[['" KEY "','" VALUE "']]]"
#define MAP2(KEY, VALUE, KEY2, VALUE2)                                  \
    "['map',[['" KEY "','" VALUE "'],['" KEY2 "','" VALUE2 "']]]"
#define SET2(A, B) "['set',['" A "','" B "']]"

#define SWITCH "Logical_Switch"
#define PORT "Logical_Switch_Port"
#define ROUTER "Logical_Router"
#define ROUTER_PORT "Logical_Router_Port"

#define ADD_SWITCH(NAME, CONFIG)                                        \
    OP_INSERT(SWITCH, NAME, ",'other_config':" CONFIG)
#define ADD_ROUTER(NAME) OP_INSERT(ROUTER, NAME, "")
#define ADD_PORT(SW, NAME, COLUMNS)                                     \
    OP_PORTS(SWITCH, SW, "insert", NEW(NAME)) ","                       \
    OP_INSERT(PORT, NAME, COLUMNS)
#define ADD_ROUTER_PORT(R, NAME, NETWORKS)                              \
    OP_PORTS(ROUTER, R, "insert", NEW(NAME)) ","                        \
    OP_INSERT(ROUTER_PORT, NAME,                                        \
              ",'mac':'0a:00:00:00:00:01','networks':" NETWORKS)

/* NAT rows have no names, so they are known by their UUIDs. */
#define NAT(TYPE, EXTERNAL, LOGICAL)                                    \
    "'type':'" TYPE "','external_ip':'" EXTERNAL "',"                   \
    "'logical_ip':'" LOGICAL "'"
#define FLOATING(EXTERNAL, LOGICAL) NAT("dnat_and_snat", EXTERNAL, LOGICAL)
#define OP_NATS(R, HOW, ROW_UUID)                                       \
    OP_WHERE("mutate", ROUTER, R)                                       \
    ",'mutations':[['nat','" HOW "'," REF(ROW_UUID) "]]}"
#define ADD_NAT(R, ROW_UUID, COLUMNS)                                   \
    OP_NATS(R, "insert", ROW_UUID) ","                                  \
    "{'op':'insert','table':'NAT','uuid':'" ROW_UUID "',"               \
    "'row':{" COLUMNS "}}"
#define OP_UPDATE_NAT(ROW_UUID, COLUMNS)                                \
    "{'op':'update','table':'NAT',"                                     \
    "'where':[['_uuid','=='," REF(ROW_UUID) "]],'row':{" COLUMNS "}}"

/* DHCP_Options rows have no names, either. */
#define DHCP(ROW_UUID, CIDR, IDS)                                       \
    "{'op':'insert','table':'DHCP_Options','uuid':'" ROW_UUID "',"      \
    "'row':{'cidr':'" CIDR "','external_ids':" IDS "}}"

#define PEER(NAME)                                                      \
    ",'type':'router','addresses':'router','options':"                  \
    MAP("router-port", NAME)

void topology_fixture_init(struct topology_fixture *);
void topology_fixture_uninit(struct topology_fixture *);

/* The same for cmocka: a fixture of its own for each test, in '*state'. */
int topology_fixture_setup(void **state);
int topology_fixture_teardown(void **state);
#define TOPOLOGY_TEST(NAME)                                             \
    cmocka_unit_test_setup_teardown(NAME, topology_fixture_setup,       \
                                    topology_fixture_teardown)

/* Commits 'ops' without looking at the topology.  try_commit() returns false
 * if the server refuses. */
void topology_fixture_commit(struct topology_fixture *, const char *ops);
bool topology_fixture_try_commit(struct topology_fixture *, const char *ops);

/* Lets the topology follow until it has seen all commits, then compares it
 * with one built from nothing, and what it reported about addresses and
 * subnets with what happened to them. */
void topology_fixture_sync(struct topology_fixture *);

/* Both. */
void topology_fixture_apply(struct topology_fixture *, const char *ops);

/* What was reported since the sync before the last: the names, sorted, "N1 N2"
 * and the same for routers.  The caller frees it. */
char *topology_fixture_changed_switches(const struct topology_fixture *);
char *topology_fixture_changed_routers(const struct topology_fixture *);

/* The addresses, sorted as text, "10.0.0.1 fd00::1". */
char *topology_fixture_changed_addresses(const struct topology_fixture *);

/* The id of a subnet that is not Neutron's. */
struct uuid topology_derived_id(const struct uuid *sw, const char *cidr);

/* Its subnets with their ids, "CIDR ID" each, a line for each.  The caller
 * frees it. */
char *topology_fixture_subnets(const struct topology_fixture *,
                               const char *switch_name);

/* The switch of that name as text, one line for the switch and one for each
 * subnet; see the tests.  The caller frees it. */
char *topology_fixture_describe(const struct topology_fixture *,
                                const char *switch_name);

/* Everything that can be known of a topology, in one order.  The caller frees
 * it. */
char *topology_dump(const struct topology *);

/* An operation that the database of a stopped server needs, too, for sync() to
 * notice it. */
#define OP_COUNT                                                        \
    "{'op':'mutate','table':'NB_Global','where':[],"                    \
    "'mutations':[['nb_cfg','+=',1]]}"

#endif /* topology-fixture.h */
