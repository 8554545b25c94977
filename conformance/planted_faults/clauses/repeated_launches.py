"""Faults in how many instances a launch makes, and in what a client token promises."""

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from ....model.requests import ErrorCode, Operation, TokenError
from ....model.states import InstanceState
from ..fault import Fault
from ..faulty_ec2 import FaultyEc2, intercepting
from ..replies import Interceptor, Original, Reply, code_of, error, instances_of

_TOKEN: Final = "ClientToken"  # noqa: S105 - a parameter, not a secret
_MISMATCH: Final = TokenError.IDEMPOTENT_MISMATCH.value


def _launching(answer: Callable[[], Interceptor]) -> FaultyEc2:
    """Answer launches in another way; what `answer` makes remembers the launches of one target."""
    return intercepting(lambda: {Operation.RUN: answer()})


def _sending(change: Callable[[Reply], Reply]) -> FaultyEc2:
    """Carry out other launches than those asked for."""

    def answer(ec2: Original, sent: Reply) -> Reply:
        return ec2.call(**change(sent))

    return _launching(lambda: answer)


def _counting(least: Callable[[Reply], int], most: Callable[[Reply], int]) -> FaultyEc2:
    """Launch another number of instances where a launch has a range."""

    def change(sent: Reply) -> Reply:
        if sent["MinCount"] == sent["MaxCount"]:
            return sent
        return {**sent, "MinCount": least(sent), "MaxCount": most(sent)}

    return _sending(change)


def _one_instance(sent: Reply) -> Reply:
    return {**sent, "MinCount": 1, "MaxCount": 1}


def _without_token(sent: Reply) -> Reply:
    return {key: value for key, value in sent.items() if key != _TOKEN}


def _in_lower_case(sent: Reply) -> Reply:
    return {**sent, _TOKEN: sent[_TOKEN].lower()} if _TOKEN in sent else sent


def _without_token_of(ended: InstanceState) -> FaultyEc2:
    """Forget the token of an instance that is in a state, and launch another one."""

    def made() -> Interceptor:
        first: dict[str, Reply] = {}

        def answer(ec2: Original, sent: Reply) -> Reply:
            before = first.get(sent.get(_TOKEN, ""))
            if before is None:
                reply = ec2.call(**sent)
                first[sent.get(_TOKEN, "")] = reply
                return reply
            ids = [one["InstanceId"] for one in before["Instances"]]
            shown = instances_of(ec2.owner.describe_instances(InstanceIds=ids))
            over = any(one["State"]["Name"] == ended.value for one in shown)
            return ec2.call(**(_without_token(sent) if over else sent))

        return answer

    return _launching(made)


def _remembering(again: Callable[[Original, Reply, Reply], Reply], *, everywhere: bool = False) -> FaultyEc2:
    """Answer a launch with a token that was sent before by `again`, from the first reply; else as EC2 does."""

    def made() -> Interceptor:
        first: dict[object, Reply] = {}

        def answer(ec2: Original, sent: Reply) -> Reply:
            if _TOKEN not in sent or sent.get("DryRun"):
                return ec2.call(**sent)
            key = (sent[_TOKEN], "" if everywhere else str(sent.get("Placement")))
            if key in first:
                return again(ec2, sent, first[key])
            first[key] = ec2.call(**sent)
            return first[key]

        return answer

    return _launching(made)


def _the_first_reply(_ec2: Original, _sent: Reply, first: Reply) -> Reply:
    return first


def _a_mismatch(_ec2: Original, _sent: Reply, _first: Reply) -> Reply:
    raise error(_MISMATCH, "The token was used before.")


def _terminated(_ec2: Original, _sent: Reply, _first: Reply) -> Reply:
    raise error(TokenError.IDEMPOTENT_TERMINATED.value, "The token is associated with a terminated instance.")


def _only_one(ec2: Original, sent: Reply, _first: Reply) -> Reply:
    reply = ec2.call(**sent)
    return {**reply, "Instances": reply["Instances"][:1]}


def _with_another_code(ec2: Original, sent: Reply, _first: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == _MISMATCH:
            raise error(ErrorCode.INCORRECT_STATE.value, "The token was used before.") from None
        raise


REPEATED_FAULTS: Final = (
    Fault("RUN-8", "MaxCount is ignored", _counting(lambda sent: sent["MinCount"], lambda sent: sent["MinCount"])),
    Fault("RUN-8", "MinCount is ignored, so that each launch makes one instance", _sending(_one_instance)),
    Fault("RUN-8", "one more than MaxCount", _counting(lambda _: 1, lambda sent: sent["MaxCount"] + 1)),
    Fault("TOKEN-1", "client tokens are ignored", _sending(_without_token)),
    Fault("TOKEN-1", "a stopped instance's token launches another", _without_token_of(InstanceState.STOPPED)),
    Fault("TOKEN-1", "a terminated instance's token launches another", _without_token_of(InstanceState.TERMINATED)),
    Fault("TOKEN-1", "a launch that is sent again is refused", _remembering(_a_mismatch)),
    Fault("TOKEN-1", "a running instance's token is refused as that of a terminated one", _remembering(_terminated)),
    Fault("TOKEN-1", "a launch that is sent again shows only its first instance", _remembering(_only_one)),
    Fault("TOKEN-2", "a token that is sent again hides other parameters", _remembering(_the_first_reply)),
    Fault("TOKEN-2", "other parameters with the same token have another code", _remembering(_with_another_code)),
    Fault("TOKEN-3", "a token counts in every zone", _remembering(_the_first_reply, everywhere=True)),
    Fault("TOKEN-3", "a token of another zone is refused", _remembering(_a_mismatch, everywhere=True)),
    Fault("TOKEN-4", "tokens are told apart without regard to case", _sending(_in_lower_case)),
)
