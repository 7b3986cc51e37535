"""The metrics of several processes as one text."""

from yiyuan.telemetry.metrics_merge import add_up

ONE = b"""# HELP yiyuan_requests_total Requests.
# TYPE yiyuan_requests_total counter
yiyuan_requests_total{model="a b"} 2.0
# HELP yiyuan_is_ready 1 while ready.
# TYPE yiyuan_is_ready gauge
yiyuan_is_ready 1.0
"""
OTHER = b"""# HELP yiyuan_requests_total Requests.
# TYPE yiyuan_requests_total counter
yiyuan_requests_total{model="a b"} 3.0
yiyuan_requests_total{model="c"} 1.0
# HELP yiyuan_is_ready 1 while ready.
# TYPE yiyuan_is_ready gauge
yiyuan_is_ready 0.0
"""


def test_counters_are_sums_and_ready_means_all():
    assert add_up([ONE, OTHER]).decode().splitlines() == [
        "# HELP yiyuan_requests_total Requests.",
        "# TYPE yiyuan_requests_total counter",
        'yiyuan_requests_total{model="a b"} 5.0',
        'yiyuan_requests_total{model="c"} 1.0',
        "# HELP yiyuan_is_ready 1 while ready.",
        "# TYPE yiyuan_is_ready gauge",
        "yiyuan_is_ready 0.0",
    ]


def test_one_process_is_itself():
    assert add_up([ONE]) == ONE
