# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Stands in for DevStack around its plugin: tests/system/test_devstack.py
# sources this, then the settings and plugin.sh of devstack/.  A function that
# DevStack has writes its name and arguments into the file $CALLS, one call a
# line; processes are started for real.  A command of the plugin that is neither
# here nor in PATH ends the phase, as under DevStack.

record() {
    local IFS=' '
    echo "$*" >> "$CALLS"
}

# What DevStack's lists say.

is_service_enabled() {
    local service
    for service in "$@"; do
        if [[ ,$ENABLED_SERVICES, == *,$service,* ]]; then
            return 0
        fi
    done
    return 1
}

enable_service() {
    local service
    for service in "$@"; do
        if [[ ,$DISABLED_SERVICES, != *,$service,* ]]; then
            ENABLED_SERVICES+=,$service
        fi
    done
}

is_plugin_enabled() {
    [[ ,$DEVSTACK_PLUGINS, == *,$1,* ]]
}

# What DevStack says.

echo_summary() {
    record echo_summary "$@"
}

die() {
    shift
    record die "$@"
    echo "$*" >&2
    exit 1
}

# Files of settings.

# Without other processes: "option = value", one to a line.
iniset() {
    record iniset "$@"
    local file=$1 section=$2 entry="$3 = $4" line text="" inside="" is_set=""
    if [[ -e $file ]]; then
        while IFS= read -r line; do
            if [[ $line == \[*\] ]]; then
                if [[ $inside && ! $is_set ]]; then
                    text+=$entry$'\n' is_set=1
                fi
                inside=""
                if [[ $line == "[$section]" ]]; then
                    inside=1
                fi
            elif [[ $inside && $line == "$3 ="* ]]; then
                line=$entry is_set=1
            fi
            text+=$line$'\n'
        done < "$file"
    fi
    if [[ ! $is_set ]]; then
        if [[ ! $inside ]]; then
            text+="[$section]"$'\n'
        fi
        text+=$entry$'\n'
    fi
    printf %s "$text" > "$file"
}

iniget() {
    local line inside="" value=""
    while IFS= read -r line; do
        if [[ $line == \[*\] ]]; then
            inside=""
            if [[ $line == "[$2]" ]]; then
                inside=1
            fi
        elif [[ $inside && $line == "$3 = "* ]]; then
            value=${line#*= }
        fi
    done < "$1"
    echo "$value"
}

# What installs: too slow, and not for the machine that tests.

pip_uninstall() {
    record pip_uninstall "$@"
}

meson() {
    record meson "$@"
    mkdir -p "$OVN_OCTAVIA_BUILD_DIR"
    touch "$OVN_OCTAVIA_BUILD_DIR/build.ninja"
}

ninja() {
    record ninja "$@"
}

# Directories are made and removed for real, below the test's own.
sudo() {
    record sudo "$@"
    case $1 in
        mkdir|chown|rm)
            command "$@"
            ;;
    esac
}

# Processes.

run_process() {
    record run_process "$@"
    if is_service_enabled "$1"; then
        # Both are split as systemd does: at spaces.
        # shellcheck disable=SC2086
        setsid env ${5-} $2 > "$PIDS/$1.out" 2>&1 < /dev/null &
        echo $! > "$PIDS/$1.pid"
    fi
}

stop_process() {
    record stop_process "$@"
    if [[ -e $PIDS/$1.pid ]]; then
        kill "$(cat "$PIDS/$1.pid")"
        rm "$PIDS/$1.pid"
    fi
}

test_with_retry() {
    record test_with_retry "$1" "$3" "$4"
    if ! timeout "$3" sh -c "while ! $1; do sleep 0.05; done"; then
        die 0 "$2"
    fi
}
