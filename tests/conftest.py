"""What tests measured is told at the end of a run: a test says it with `record_property("measured", …)`."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the measurements, also those that were made in other processes."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    measured = [
        str(value)
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "measured"
    ]
    if measured:
        terminalreporter.section("measured")
        for sentence in measured:
            terminalreporter.line(sentence)
