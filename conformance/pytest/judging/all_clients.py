"""Judges every EC2 client that boto3 creates in a test, without changes to the test (`--ec2-judge`)."""

from collections.abc import Callable, Generator
from functools import wraps
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from botocore.client import ClientCreator

if TYPE_CHECKING:
    from .judge import Judge


class EveryClient:
    """The plugin behind `--ec2-judge`."""

    @pytest.fixture(autouse=True)
    def _ec2_judges_every_client(self, request: pytest.FixtureRequest) -> Generator[None]:
        if request.node.get_closest_marker("clause") is not None:  # the suite judges its target itself
            yield
            return
        judge: Judge = request.getfixturevalue("ec2_judged")
        create: Callable[..., Any] = ClientCreator.create_client

        @wraps(create)
        def judged(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as botocore has it
            client = create(*arguments, **named)
            return judge(client) if client.meta.service_model.service_name == "ec2" else client

        with patch.object(ClientCreator, "create_client", judged):
            yield
