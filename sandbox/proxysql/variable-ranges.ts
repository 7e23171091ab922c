/** Least and greatest value of every whole number among the `mysql-` variables of 2.7.1, one a line. */
const ranges = `
auditlog_filesize 1048576 1073741824
aurora_max_lag_ms_only_read_from_replicas 0 100
auto_increment_delay_multiplex 0 1000000
auto_increment_delay_multiplex_timeout_ms 0 3600000
binlog_reader_connect_retry_msec 200 120000
client_host_cache_size 0 1048576
client_host_error_counts 0 1048576
connect_retries_delay 0 10000
connect_retries_on_failure 0 1000
connect_timeout_client 500 3600000
connect_timeout_server 10 120000
connect_timeout_server_max 10 3600000
connection_delay_multiplex_ms 0 300000
connection_max_age_ms 0 86400000
connpoll_reset_queue_length 0 10000
data_packets_history_size 0 2147483646
default_max_latency_ms 0 1728000000
default_query_delay 0 3600000
default_query_timeout 1000 1728000000
evaluate_replication_lag_on_servers_load 0 1
eventslog_default_log 0 1
eventslog_filesize 1048576 1073741824
eventslog_format 1 2
free_connections_pct 0 100
handle_unknown_charset 0 2
handle_warnings 0 1
hostgroup_manager_verbose 0 3
long_query_time 0 1728000000
max_allowed_packet 8192 1073741824
max_connections 1 1000000
max_stmts_cache 128 1048576
max_stmts_per_connection 1 1024
max_transaction_idle_time 1000 1728000000
max_transaction_time 1000 1728000000
min_num_servers_lantency_awareness 0 10000
mirror_max_concurrency 1 8192
mirror_max_queue_length 0 1048576
monitor_aws_rds_topology_discovery_interval 0 100000
monitor_connect_interval 100 604800000
monitor_connect_timeout 100 600000
monitor_galera_healthcheck_interval 50 604800000
monitor_galera_healthcheck_max_timeout_count 1 10
monitor_galera_healthcheck_timeout 50 600000
monitor_groupreplication_healthcheck_interval 100 604800000
monitor_groupreplication_healthcheck_max_timeout_count 1 10
monitor_groupreplication_healthcheck_timeout 100 600000
monitor_groupreplication_max_transactions_behind_count 1 10
monitor_groupreplication_max_transactions_behind_for_read_only 0 2
monitor_history 1000 604800000
monitor_local_dns_cache_refresh_interval 0 604800000
monitor_local_dns_cache_ttl 0 604800000
monitor_local_dns_resolver_queue_maxsize 16 1024
monitor_ping_interval 100 604800000
monitor_ping_max_failures 1 1000000
monitor_ping_timeout 100 600000
monitor_query_interval 100 604800000
monitor_query_timeout 100 600000
monitor_read_only_interval 100 604800000
monitor_read_only_max_timeout_count 1 1000000
monitor_read_only_timeout 100 600000
monitor_replication_lag_count 1 10
monitor_replication_lag_interval 100 604800000
monitor_replication_lag_timeout 100 600000
monitor_slave_lag_when_null 0 604800
monitor_threads_max 4 1024
monitor_threads_min 2 256
monitor_threads_queue_maxsize 16 1024
ping_interval_server_msec 1000 604800000
ping_timeout_server 10 600000
poll_timeout 10 20000
poll_timeout_on_failure 10 20000
query_cache_handle_warnings 0 1
query_cache_size_mb 0 10485760
query_cache_soft_ttl_pct 0 100
query_digests_grouping_limit 1 2089
query_digests_groups_grouping_limit 0 2089
query_digests_max_digest_length 16 1048576
query_digests_max_query_length 16 1048576
query_processor_iterations 0 1000000
query_processor_regex 1 2
query_retries_on_failure 0 1000
query_rules_fast_routing_algorithm 1 2
reset_connection_algorithm 1 2
session_idle_ms 1 3600000
set_parser_algorithm 1 2
set_query_lock_on_hostgroup 0 1
show_processlist_extended 0 2
shun_on_failures 0 10000000
shun_recovery_time_sec 0 31536000
stacksize 262144 4194304
tcp_keepalive_time 0 7200
threshold_query_length 1024 1073741824
threshold_resultset_size 1024 1073741824
throttle_connections_per_sec_to_hostgroup 1 100000000
throttle_max_bytes_per_second_to_client 0 2147483647
throttle_ratio_server_to_client 0 100
unshun_algorithm 0 1
wait_timeout 0 1728000000
`;

/** By name in small letters, without `mysql-`. */
export const variableRanges: ReadonlyMap<string, readonly [least: number, greatest: number]> = new Map(
  ranges
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', least, greatest] = line.split(' ');
      return [name, [Number(least), Number(greatest)]];
    }),
);
