/* SPDX-License-Identifier: Apache-2.0
 *
 * Every maximum of the product, with the reason for its value.  Code that
 * needs a bound names it here.
 */

#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H 1

/* Octavia's own limit for a request body, to the byte (Octavia's
 * [oslo_middleware] max_request_body_size). */
#define BODY_BYTES_MAX 114688

/* Characters of a project's id: as many as Octavia's database holds. */
#define PROJECT_ID_MAX 36

/* Listeners, pools, members and health monitors that a POST of a load balancer
 * may bring.  A body has not room for many more, and so many rows are written
 * in a fraction of a second. */
#define GRAPH_OBJECTS_MAX 2000

/* Nesting of a request's JSON.  The deepest that the API defines is the fully
 * populated load balancer (load balancer, listener, policy, pool, member:
 * nine levels with their lists).  The JSON parser is recursive-descent-free
 * but allows 1,000. */
#define JSON_DEPTH_MAX 32

/* Members of one object in a request's JSON: no resource has half as many.
 * The parser's hash table has a fixed basis, so keys that collide can be
 * chosen, and each is compared with all before it. */
#define JSON_MEMBERS_MAX 100

/* Values of one filter in a list of networks, ports and the like: as many as a
 * request may have arguments.  Each object is compared with all of them. */
#define NETWORK_WORDS_MAX 100

/* Concurrent HTTP connections of one process.  Together with the database
 * connections this stays well below the usual limit of 1,024 descriptors. */
#define HTTP_CONNECTIONS_MAX 900

/* Bytes of a file of TLS: a chain of certificates, a key, or authorities. */
#define CERTIFICATE_BYTES_MAX (1024 * 1024)

/* Seconds until a silent or slow HTTP client is cut off. */
#define HTTP_IDLE_TIMEOUT_S 30

/* The same for one that has not shown a valid token yet: a head is a packet or
 * two. */
#define HTTP_STRANGER_TIMEOUT_S 10

/* When a client that got 503 may come again: an election takes a second or
 * two, and other places are free as soon. */
#define HTTP_RETRY_AFTER_S 2

/* How long an API that ends keeps idle connections, since a request may be on
 * its way, and the most that stop_seconds may say. */
#define STOP_LINGER_MS 500
#define STOP_MAX_S 3600

/* Bytes of all answers that clients have not fetched yet.  Beyond that the
 * client that has not fetched any for the longest time is cut off. */
#define HTTP_ANSWERS_BYTES_MAX (64 * 1024 * 1024)

/* How often the name of a file of lines is looked at, to see whether it was
 * moved: logrotate(8) compresses a file one rotation later. */
#define APPEND_LOOK_MS 1000

/* Characters of a text that a client sent, in a line of the access log: more
 * than any path or argument of the API has. */
#define ACCESS_LOG_TEXT_MAX 1024

/* The most that slow_request_ms may say: an hour. */
#define SLOW_REQUEST_MAX_MS (60 * 60 * 1000)

/* Tables of metrics that the modules of one program may add. */
#define METRIC_TABLES_MAX 20

/* Connections of those who read a daemon's metrics: two or three Prometheus
 * servers, and a person.  A page has some tens of kilobytes, and a server that
 * reads it every fifteen seconds keeps its connection. */
#define METRICS_CONNECTIONS_MAX 8
#define METRICS_IDLE_TIMEOUT_S 120
#define METRICS_ANSWERS_BYTES_MAX (4 * 1024 * 1024)

/* After so long an address for metrics that was not to be had is tried
 * again. */
#define METRICS_RETRY_MS 30000

/* Bytes of what a proxy says of our address: it comes back 31 times in the
 * list of versions.  As many as a Host may have. */
#define FORWARDED_BYTES_MAX 259

/* Objects in a page of a list, and how many it has if no limit is asked for:
 * Octavia's default of [api_settings] pagination_max_limit. */
#define PAGE_ROWS_MAX 1000

/* Bytes of a page of a list; more are in the next one.  A page of 1,000 load
 * balancers has about 1 MB, but each may have a hundred kilobytes of tags. */
#define PAGE_BYTES_MAX (8 * 1024 * 1024)

/* Ops in one transaction of group commit.  Measured: 100 rows a transaction
 * are 15 times as fast as one; 1,000 are no faster and delay the first. */
#define STORE_BATCH_MAX 100

/* Lines of a transaction's comment, one for each op, and bytes of each, the
 * NUL byte included: two request ids, a method and a path have room.  A tenth
 * of what the rows of such an op take in the database's file. */
#define COMMIT_COMMENTS_MAX 100
#define COMMIT_COMMENT_BYTES_MAX 256

/* Load balancers in one Northbound transaction, for the same reason. */
#define RECONCILE_BATCH_MAX 100

/* A load balancer that cannot be put into OVN is tried again after this long,
 * doubling up to the maximum: soon enough for a person who mends the cause,
 * seldom enough for thousands of them. */
#define RECONCILE_BACKOFF_MIN_MS 250
#define RECONCILE_BACKOFF_MAX_MS 30000

/* While a port that Neutron refuses is refused again without asking: longer
 * than the driver needs to write the refusal down and to see it written. */
#define NEUTRON_REFUSAL_MS 2000

/* How often the driver looks at everything although nothing seems to have
 * changed.  It should never find anything; it is a safety net.  A sweep of
 * 10,000 load balancers costs about a second of CPU, in turns. */
#define SWEEP_INTERVAL_MS (10 * 60 * 1000)

/* For how long ovn-northd may still say in the Southbound database that a
 * server is well whose port it has called down in the Northbound one: a run of
 * it writes both, one after the other.  Later it will not say anything else:
 * the server's chassis is gone. */
#define PORT_DOWN_DOUBT_MS 5000

/* Places in a VIP's list of backends before weights are rounded: with 100, a
 * member's share of the traffic is exact to about one percent.  A pool with
 * more members than that has a place for each. */
#define WEIGHTED_BACKENDS_MAX 100

/* How long a daemon that starts tries to reach a database before it says that
 * it cannot: longer than a database that starts at the same time needs. */
#define DATABASE_PATIENCE_MS 2000

/* While a database has no server for us, one of its servers is tried so often:
 * a cluster elects a leader within one or two seconds, and what is found late
 * is added to that.  After a while seldom: then it is no election. */
#define DATABASE_STEP_MIN_MS 100
#define DATABASE_STEP_MAX_MS 1000
#define DATABASE_EAGER_MS 10000

/* How long a server may take to accept a connection, TLS included, before the
 * next one is tried: one whose machine is away says nothing.  First much less
 * than an election takes, then enough for the worst of networks. */
#define DATABASE_CONNECT_MIN_MS 500
#define DATABASE_CONNECT_MAX_MS 5000

/* For how long a server that said nothing is left alone, if there are others.
 */
#define DATABASE_SILENT_MS 2000

/* After so long without a word a server is probed, and after as long again
 * given up.  A leader whose machine is away is noticed in 2 s, by when its
 * cluster has another.  Doubled, up to the maximum, each time that a server
 * turns out to have been busy instead.  At first, while the replica is loaded,
 * it is what libopenvswitch takes. */
#define DATABASE_PROBE_MS 1000
#define DATABASE_PROBE_MAX_MS 16000
#define DATABASE_LOAD_PROBE_MS 5000

/* How long a name server may take until it is asked again, and how often it is
 * asked: what c-ares has by default.  After the patience, which is that with a
 * server that does not accept a connection, the next server of a database is
 * tried, or the last known address. */
#define RESOLVER_TIMEOUT_MS 2000
#define RESOLVER_TRIES 3
#define RESOLVER_PATIENCE_MS 500

/* A name is asked about at most this often, whatever its answer's time is, and
 * at least that often while a database is looked for. */
#define RESOLVER_PAUSE_MS 1000
#define RESOLVER_TTL_MAX_S 3600

/* For how long after the loss of its database a daemon has its clients wait
 * instead of refusing them: several elections, and a restart of the server. */
#define DATABASE_WAIT_MS 10000

/* How long a POST of a load balancer waits for the driver to accept the VIP
 * before the client is told to try again. */
#define VIP_WAIT_MS 30000

/* How long a refusal waits for the driver to remove the load balancer.  If it
 * takes longer the refusal is sent all the same. */
#define VIP_GONE_WAIT_MS 5000

/* Tokens of users that are remembered: about 400 bytes each.  A cloud has some
 * for each user who is at work, and one for each service. */
#define TOKENS_GOOD_MAX 10000

/* And about that many that are not good, or not known to be: more than there
 * are connections that may wait for such an answer. */
#define TOKENS_OTHER_MAX 1000

/* For how long a token that Keystone does not know is refused unasked: it does
 * not become better, but a Keystone of several servers may learn of a new one
 * late. */
#define TOKEN_BAD_MS 5000

/* For how long a token is not asked about again if there was no answer: not
 * every client needs to find out by itself that Keystone is away. */
#define TOKEN_UNKNOWN_MS 1000

/* The shortest time for which a good token is remembered: the requests that
 * wait for the answer have to see it. */
#define TOKEN_GOOD_MIN_MS 1000

/* How long a request waits for Keystone, before it is answered with 503. */
#define AUTH_WAIT_MS 10000

/* How often a request that waits looks whether its client is still there, and
 * for how long after the last such look Keystone is asked for it: each waiting
 * request has to be heard of once, on a busy machine too. */
#define AUTH_LOOK_MS 500
#define TOKEN_WANTED_MS 2000

/* Requests that wait for Keystone; more are answered with 503.  The rest of
 * the connections is for users whose tokens are remembered. */
#define AUTH_WAITING_MAX (HTTP_CONNECTIONS_MAX / 2)

/* Bytes of a file of users: some ten thousand of them.  It is read as a whole,
 * in the loop. */
#define USERS_FILE_BYTES_MAX (4 * 1024 * 1024)

/* Bytes of the name of a user, a project or an application credential: as many
 * characters as Keystone takes. */
#define USER_NAME_MAX 255

/* Bytes of a password; libcrypt takes less than 512. */
#define PASSWORD_BYTES_MAX 255

/* Threads that compare passwords.  At 70 ms each, two make 28 comparisons a
 * second, and leave most of a machine to everything else. */
#define PASSWORD_THREADS 2

/* Comparisons that wait or are under way: some four seconds of work.  More
 * log-ins are answered with 503. */
#define PASSWORD_CHECKS_MAX 100

/* Failed log-ins at once, of a user and of an address, and the time after
 * which there may be one more.  A script with an old password tries at each
 * start; a dictionary has a million words.  Behind one address there may be
 * an office. */
#define LOGIN_USER_FAILURES_MAX 10
#define LOGIN_ADDRESS_FAILURES_MAX 30
#define LOGIN_FAILURE_MS 6000

/* Users and addresses whose failures are remembered: about 150 bytes each. */
#define LOGIN_DEBTORS_MAX 10000

/* How long a log-in waits for its turn and for the database. */
#define LOGIN_WAIT_MS 30000

/* Tokens of one user: each is a row in the database, and each command of
 * "openstack" makes one.  Beyond that the oldest one goes. */
#define USER_TOKENS_MAX 1000

/* How long a token of our own may be good, in hours: a month. */
#define TOKEN_HOURS_MAX 720

/* How often tokens that have expired are looked for, and how many rows go in
 * one transaction. */
#define TOKEN_PURGE_MS (60 * 1000)
#define TOKEN_PURGE_MAX 200

/* Requests that wait for a load balancer to settle, because their clients
 * prefer that (Prefer: wait); more are answered at once.  Each keeps a
 * connection for as long, so this is a part of them. */
#define SETTLE_WAITING_MAX (HTTP_CONNECTIONS_MAX / 4)

/* The longest time that prefer_wait_max may say: an hour is as good as ever,
 * and no proxy is as patient. */
#define SETTLE_WAIT_MAX_S 3600

/* Payload of a call of Octavia's.  The largest that a user can cause is a
 * fully populated load balancer of BODY_BYTES_MAX, which Octavia's defaults
 * make about ten times as long. */
#define PLUGIN_FRAME_BYTES_MAX (4 * 1024 * 1024)

/* Connections to the plugin's socket.  Each is one call; Octavia's API has at
 * most that many workers and threads on a machine, and more wait. */
#define PLUGIN_CONNECTIONS_MAX 64

/* How long a connection to the plugin's socket may take to send its call, or
 * to take the reply: it is a program on the same machine. */
#define PLUGIN_IDLE_MS 10000

/* How long a call waits for OVN_Octavia, and for a fact from Neutron, before
 * Octavia's user is told to try again.  Octavia's own API holds a database
 * transaction open meanwhile. */
#define CALL_WAIT_MS 20000

/* How long a VIP port is kept for a load balancer that Octavia has not asked
 * for yet.  Between the two calls Octavia only writes to its own database.  A
 * port that was given back too early is made again: see vip_restore(). */
#define RESERVATION_MAX_MS 20000

/* Questions to Neutron, about what users may see, at once. */
#define VISIBILITY_CALLS_MAX 8

/* The longest time after which the driver sets ERROR instead of PENDING: an
 * hour is longer than any user waits, and still fits an int in ms. */
#define PENDING_TIMEOUT_MAX_S 3600

/* Calls of one HTTP client that may wait for their turn.  More than that means
 * that the server does not keep up: the next ones fail at once, so that their
 * callers notice and hold back, instead of piling up here. */
#define HTTP_CALLS_WAITING_MAX 1000

/* Bytes of all header fields of a response.  Keystone's tokens are in there,
 * and the biggest kinds of them have some kilobytes. */
#define HTTP_RESPONSE_HEAD_BYTES_MAX (64 * 1024)

/* How long one attempt of a call to Keystone, Neutron or Octavia may take.
 * Neutron under load takes many seconds for a port. */
#define REST_TIMEOUT_MS 30000
#define REST_CONNECT_TIMEOUT_MS 5000
#define REST_TIMEOUT_MAX_MS (10 * 60 * 1000)

/* Attempts of one call, the time between them (doubled each time, and up to
 * half as much again by chance), and how long a server may ask us to wait.
 * After REST_PATIENCE_MS there is no further attempt, so that a call to a
 * server that hangs ends before two minutes are over.  The caller has a
 * back-off of its own above that. */
#define REST_ATTEMPTS_MAX 4
#define REST_BACKOFF_MIN_MS 500
#define REST_RETRY_AFTER_MAX_MS 10000
#define REST_PATIENCE_MS 60000

/* Calls of one service that are not answered: under way, waiting for their
 * turn or a token, or to be repeated. */
#define REST_CALLS_MAX HTTP_CALLS_WAITING_MAX

/* The longest answer: a list of 10,000 ports with all their fields. */
#define REST_RESPONSE_BYTES_MAX (16 * 1024 * 1024)

/* A token is renewed this long before it expires, or after three quarters of
 * its life if that is later; long enough for the renewal to fail and be
 * repeated many times. */
#define TOKEN_MARGIN_MS (5 * 60 * 1000)
#define TOKEN_LIFETIME_UNKNOWN_MS (10 * 60 * 1000)

/* Once Keystone could not be reached, or refused us, calls fail for so long
 * without asking again: thousands of them must not all wait for a login that
 * fails, nor lock the account with a password that is wrong. */
#define LOGIN_PAUSE_MS 1000
#define LOGIN_PAUSE_REFUSED_MS 15000

/* A service that refuses our token makes us get a new one, but not more often
 * than this: it may refuse them all. */
#define TOKEN_REFUSED_PAUSE_MS 5000

/* A service that is not in the catalog makes us get a new one, if ours is
 * older than this. */
#define CATALOG_AGE_MIN_MS (30 * 1000)

/* Additional VIPs of a load balancer.  Each is in a subnet of its own on one
 * network, needs a port there, and is asked about before. */
#define ADDITIONAL_VIPS_MAX 32

/* How long a request waits for Neutron's word on whether a user can see the
 * networks that he names, before it is answered with 503. */
#define VISIBILITY_WAIT_MS 10000

/* Calls to Neutron that are under way at once: enough to keep its workers
 * busy, few enough to leave some for others. */
#define NEUTRON_CALLS_MAX 16

/* How long an answer of Neutron is believed: subnets in use do not change;
 * ports do, and a port that does not exist yet is asked for again soon.  After
 * a failure there is a pause before the next question. */
#define NEUTRON_NETWORK_AGE_MS (60 * 1000)
#define NEUTRON_PORT_AGE_MS 5000
#define NEUTRON_MISSING_AGE_MS 2000
#define NEUTRON_TROUBLE_AGE_MS 2000

/* Networks, subnets and ports that are kept at once; a kilobyte each. */
#define NEUTRON_FACTS_MAX 10000

/* Routers on a network that are looked behind for the subnet of a member.  A
 * network with more is one to the outside, where each project has its own. */
#define NEUTRON_ROUTERS_MAX 16

/* Calls to Keystone itself that are under way at once. */
#define KEYSTONE_CALLS_MAX 8

/* An answer of Octavia's driver-agent, at most: a load balancer with 10,000
 * members is about 5 MB. */
#define OCTAVIA_REPLY_BYTES_MAX (32 * 1024 * 1024)

/* How long a command waits for an answer of the driver-agent: as long as
 * Octavia's own library. */
#define OCTAVIA_REPLY_TIMEOUT_MS 30000

/* How long the agent does.  To ask a busy Octavia once more is to keep it
 * busy; but an answer that never comes is to hold up nothing for ever. */
#define OCTAVIA_QUESTION_MS 300000

/* The driver-agent accepts connections one by one, and its queue is short.
 * When that is full, we come again after this long, doubling up to the
 * maximum. */
#define OCTAVIA_QUEUE_RETRY_MIN_MS 10
#define OCTAVIA_QUEUE_RETRY_MAX_MS 200

/* Questions to one socket of the driver-agent under way at once, each a
 * process there.  It has 50 for all clients (status_max_processes). */
#define OCTAVIA_CALLS_MAX 8

/* Records in one status report.  Octavia needs some milliseconds for each. */
#define STATUS_RECORDS_MAX 100

/* A load balancer whose states cannot be reported is tried again after this
 * long, doubling up to the maximum. */
#define REPORT_BACKOFF_MIN_MS 500
#define REPORT_BACKOFF_MAX_MS 30000

/* Deletions of one project are reported one after the other, unless a report
 * takes longer than this. */
#define REPORT_TURN_MS 5000

/* How often all that is owed to Octavia is looked at although nothing seems to
 * have changed: a safety net. */
#define REPORT_SWEEP_MS 60000

/* When the status socket has had no listener for this long, another agent may
 * report: a restart of the driver-agent is shorter most of the time. */
#define STATUS_AWAY_MS 3000

/* How often the agent tries whether the socket has a listener again. */
#define STATUS_PROBE_MS 500

/* When nothing has come from there for this long, although reports are under
 * way, it is asked; and when it does not answer for as long again, another
 * agent may report. */
#define STATUS_SILENT_MS 15000

/* Calls to Octavia's API under way at once: it is asked in the background. */
#define OCTAVIA_API_CALLS_MAX 2

/* Objects in a page of its lists; below its usual maximum of 1,000. */
#define OCTAVIA_PAGE 500

/* Objects in a list of its API, at most: a bound for an API that pages in
 * circles. */
#define OCTAVIA_OBJECTS_MAX 1000000

/* How often Octavia is searched for PENDING objects without work under way. */
#define REPAIR_INTERVAL_MS 30000

/* How long an object must look stuck like that: Octavia may just be reading
 * our report. */
#define REPAIR_DOUBT_MS 5000

/* How long a close look at a load balancer gives way to reports, while these
 * need all that Octavia can take at a time. */
#define REPAIR_PATIENCE_MS (5 * 60 * 1000)

/* How much longer than a close look took nothing is looked at: Octavia, which
 * computes as much for it as for a report, has most of its time for its
 * users.  Beyond that age a look waits no more: see ROLLED_BACK_MAX_MS. */
#define REPAIR_REST_FACTOR 3
#define REPAIR_LATE_MS (30 * 60 * 1000)

/* Load balancers, besides those that changed, that are looked at closely in
 * each of these intervals, one after the other: that costs Octavia two
 * requests each. */
#define REPAIR_TURN 8

/* Load balancers that are settled at once. */
#define REPAIR_JOBS_MAX 4

/* How long after a call its load balancer is compared with Octavia's, and how
 * often it is looked which ones are due. */
#define REPAIR_LOOK_MS 10000

/* How long Octavia may take to commit a load balancer that we have accepted:
 * its database waits for a lock for 50 s.  Objects below one need no such
 * guess: once Octavia has taken our report, the call is over, since both lock
 * the load balancer. */
#define OCTAVIA_COMMIT_MS 60000

/* An object that Octavia does not know, and that is older than this, was not
 * left by a lost call: an operator must decide. */
#define ROLLED_BACK_MAX_MS (60 * 60 * 1000)

/* Between two lines for "systemctl status": it is read by people. */
#define SUPERVISOR_STATUS_MS 1000

/* How long a daemon that does not serve yet keeps systemd waiting: a restart
 * of several, one after the other, leaves no gap, and a database that is away
 * does not make a start fail. */
#define SUPERVISOR_READY_MS 10000

/* Ranges of a listener, each of which takes up to as many flows as it has
 * bits, on every chassis.  The default quota of rules of Neutron's security
 * groups, which amphorae use for the same, is as high. */
#define ALLOWED_CIDRS_MAX 100

#endif /* base/limits.h */
