#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Owns what DevStack does for ovn-octavia: DevStack sources this file once for
# each of its phases, with the phase as arguments, after the settings.  Builds
# and installs the programs, makes them the provider "ovn" of Octavia beside
# amphora, and runs OVN_Octavia's server and the driver; octavia-driver-agent
# starts the agent.  Octavia's own plugin must be enabled before this one, so
# that its octavia.conf is there.  All variables are in settings.

# Names that DevStack, its settings or Octavia's plugin define.
# shellcheck disable=SC2154

# How OVN is reached, as DevStack's own OVN settings have it.
function ovn_octavia_set_remotes {
    local proto=tcp
    if is_service_enabled tls-proxy; then
        proto=ssl
    fi
    OVN_NB_REMOTE=${OVN_NB_REMOTE:-$proto:$SERVICE_HOST:6641}
    OVN_SB_REMOTE=${OVN_SB_REMOTE:-$proto:$SERVICE_HOST:6642}
}

# Ends DevStack before an hour of work, if the result could not run.
function ovn_octavia_check {
    if [[ ${NEUTRON_AGENT:-${Q_AGENT:-ovn}} != ovn ]]; then
        die $LINENO "ovn-octavia needs Neutron with OVN: set Q_AGENT=ovn"
    fi
    if is_plugin_enabled ovn-octavia-provider; then
        die $LINENO "ovn-octavia and ovn-octavia-provider are both the" \
            "provider \"ovn\" of Octavia: enable one of them"
    fi
}

function ovn_octavia_install {
    local schemas=/usr/share/ovn
    if [[ ${OVN_BUILD_FROM_SOURCE:-False} == True ]]; then
        schemas=$OVN_SHAREDIR
    fi
    # Left by an earlier run, it would make two providers of one name.
    pip_uninstall ovn-octavia-provider || true
    sudo "$OVN_OCTAVIA_DIR/tools/install-deps" --build
    "$OVN_OCTAVIA_DIR/tools/openvswitch-unpack"
    if [[ ! -e $OVN_OCTAVIA_BUILD_DIR/build.ninja ]]; then
        meson setup "--prefix=$OVN_OCTAVIA_PREFIX" -Dtests=disabled \
            "-Dovn_schema_dir=$schemas" -Dpython.install_env=auto \
            "-Doctavia_python=$OVN_OCTAVIA_PYTHON" \
            "$OVN_OCTAVIA_BUILD_DIR" "$OVN_OCTAVIA_DIR"
    fi
    ninja -C "$OVN_OCTAVIA_BUILD_DIR"
    sudo ninja -C "$OVN_OCTAVIA_BUILD_DIR" install
}

# Prints a list separated by commas, with an entry more unless it is there.
# "key:text" is there if one entry has the same key.
function ovn_octavia_list_add {
    local list=$1 entry=$2 one
    local -a entries
    IFS=, read -r -a entries <<< "$list"
    for one in "${entries[@]}"; do
        one=${one%%:*}
        if [[ ${one// /} == "${entry%%:*}" ]]; then
            echo "$list"
            return
        fi
    done
    echo "${list:+$list,}$entry"
}

function ovn_octavia_configure {
    local agents
    ovn_octavia_set_remotes
    agents=$(iniget "$OCTAVIA_CONF" driver_agent enabled_provider_agents)
    iniset "$OCTAVIA_CONF" api_settings enabled_provider_drivers \
        "$(ovn_octavia_list_add "$OCTAVIA_PROVIDER_DRIVERS" \
            "ovn:OVN load balancing.")"
    iniset "$OCTAVIA_CONF" driver_agent enabled_provider_agents \
        "$(ovn_octavia_list_add "${agents:-$OCTAVIA_PROVIDER_AGENTS}" ovn)"
    iniset "$OCTAVIA_CONF" ovn ovn_nb_connection "$OVN_NB_REMOTE"
    iniset "$OCTAVIA_CONF" ovn ovn_sb_connection "$OVN_SB_REMOTE"
    if is_service_enabled tls-proxy; then
        local db
        for db in nb sb; do
            iniset "$OCTAVIA_CONF" ovn "ovn_${db}_ca_cert" \
                "$INT_CA_DIR/ca-chain.pem"
            iniset "$OCTAVIA_CONF" ovn "ovn_${db}_certificate" \
                "$INT_CA_DIR/$DEVSTACK_CERT_NAME.crt"
            iniset "$OCTAVIA_CONF" ovn "ovn_${db}_private_key" \
                "$INT_CA_DIR/private/$DEVSTACK_CERT_NAME.key"
        done
    fi
    iniset "$OCTAVIA_CONF" ovn_octavia db "$OVN_OCTAVIA_DB_REMOTE"
    iniset "$OCTAVIA_CONF" ovn_octavia agent_program \
        "$OVN_OCTAVIA_PREFIX/sbin/ovn-octavia-agent"
}

function ovn_octavia_make_directories {
    local directory
    for directory in "$OVN_OCTAVIA_DATA_DIR" "$OVN_OCTAVIA_RUN_DIR"; do
        sudo mkdir -p -m 750 "$directory"
        sudo chown "$STACK_USER" "$directory"
    done
}

# A cluster of one server, which alone has a commit on the disk when it
# answers.
function ovn_octavia_create_database {
    local file=$OVN_OCTAVIA_DATA_DIR/octavia.db
    if [[ ! -e $file ]]; then
        ovsdb-tool create-cluster "$file" \
            "$OVN_OCTAVIA_PREFIX/share/ovn-octavia/ovn-octavia.ovsschema" \
            "unix:$OVN_OCTAVIA_DATA_DIR/octavia.raft"
    fi
}

# The control sockets have names of their own: the tools of Open vSwitch and
# OVN find others by pid files that DevStack's units do not write.
function ovn_octavia_start_database {
    run_process ovn-octavia-db "$(command -v ovsdb-server) \
--remote=$OVN_OCTAVIA_DB_LISTEN \
--unixctl=$OVN_OCTAVIA_RUN_DIR/octavia_db.ctl \
-vconsole:info -vsyslog:off $OVN_OCTAVIA_DATA_DIR/octavia.db"
}

function ovn_octavia_start_driver {
    run_process ovn-octavia-driver \
        "$OVN_OCTAVIA_PREFIX/sbin/ovn-octavia-driver \
--db=$OVN_OCTAVIA_DB_REMOTE --octavia-conf=$OCTAVIA_CONF \
--unixctl=$OVN_OCTAVIA_RUN_DIR/ovn-octavia-driver.ctl \
-vconsole:info -vsyslog:off${OVN_OCTAVIA_DRIVER_ARGS:+ $OVN_OCTAVIA_DRIVER_ARGS}" \
        "" "" "OVN_OCTAVIA_RUNDIR=$OVN_OCTAVIA_RUN_DIR"
    if is_service_enabled ovn-octavia-driver; then
        # A command for sh, which knows none of these functions.
        test_with_retry "ovs-appctl \
-t $OVN_OCTAVIA_RUN_DIR/ovn-octavia-driver.ctl driver/status 2>/dev/null \
| grep -q '^in-sync: *yes'" \
            "ovn-octavia-driver is not in step with OVN" \
            "$OVN_OCTAVIA_START_TIMEOUT" 1
    fi
}

function ovn_octavia_configure_tempest {
    iniset "$TEMPEST_CONFIG" service_available octavia True
    iniset "$TEMPEST_CONFIG" load_balancer provider ovn
    iniset "$TEMPEST_CONFIG" load_balancer enabled_provider_drivers \
        "ovn:OVN load balancing."
}

function ovn_octavia_stop {
    stop_process ovn-octavia-driver
    stop_process ovn-octavia-db
}

function ovn_octavia_clean {
    if [[ -e $OVN_OCTAVIA_BUILD_DIR/build.ninja ]]; then
        sudo ninja -C "$OVN_OCTAVIA_BUILD_DIR" uninstall
    fi
    sudo rm -rf "${OVN_OCTAVIA_BUILD_DIR:?}" "${OVN_OCTAVIA_DATA_DIR:?}" \
        "${OVN_OCTAVIA_RUN_DIR:?}"
}

if is_service_enabled octavia; then
    case "$1 $2" in
        "stack pre-install")
            ovn_octavia_check
            ;;
        "stack install")
            echo_summary "Building ovn-octavia"
            ovn_octavia_install
            ;;
        "stack post-config")
            echo_summary "Configuring ovn-octavia"
            ovn_octavia_configure
            ovn_octavia_make_directories
            # Before Octavia starts the agent, which is in its "extra".
            if is_service_enabled ovn-octavia-db; then
                ovn_octavia_create_database
                ovn_octavia_start_database
            fi
            ;;
        "stack extra")
            echo_summary "Starting ovn-octavia"
            ovn_octavia_start_driver
            ;;
        "stack test-config")
            if is_service_enabled tempest; then
                ovn_octavia_configure_tempest
            fi
            ;;
        "unstack ")
            ovn_octavia_stop
            ;;
        "clean ")
            ovn_octavia_clean
            ;;
    esac
fi
