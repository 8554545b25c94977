"""The model of one region in front of another EC2: its launches, and the operations that concern both."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, Final, Unpack

from botocore.exceptions import ClientError

from ....model.requests import Caller, Operation
from ....model.world import Instance, Volume
from ...adapter.failures import code_and_status
from ..call_arguments import CreateVolumeCall, DescribeAttributeCall, ModifyAttributeCall, RunCall
from ..client import ModelClient
from ..images import EBS, Image
from ..refusals import rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error
from .asking import Asking
from .described import DescriptionsInFront
from .interfaces import ID, Held, Interfaces
from .launches import Launches
from .networks import Interface, Networks
from .refusals import absent, token_mismatch, wrong_state

_DRY: Final = "DryRunOperation"
_GROUPS: Final = "groupSet"
_CHECK: Final = "sourceDestCheck"
_ENVELOPE: Final = frozenset({"DryRun", "InstanceId", "Value"})
"""The parameters of ModifyInstanceAttribute that name no attribute."""


class ClientInFront(ModelClient):
    """A model whose instances have their network in the EC2 behind."""

    def __init__(self, ask: Asking, *, lenient: bool = False, **rest: Any) -> None:  # noqa: ANN401 - as ModelClient takes them
        super().__init__(lenient=lenient, **rest)
        known = {each.name: getattr(self.descriptions, each.name) for each in fields(self.descriptions)}
        self.ask = ask
        self.interfaces = Interfaces(ask, self.simulation.account, self.descriptions.moment)
        self.networks = Networks(ask, self.interfaces)
        self.launching = Launches(ask, self.networks, lenient)
        self.in_front = DescriptionsInFront(**known, region=self.region.name, interfaces=self.interfaces)
        self.descriptions = self.in_front
        self._root_device_names: dict[str, str] = {}
        """The root device name of each launched image."""
        self._first: dict[str, tuple[str, Any]] = {}
        """For each client token, the parameters of its launch: as they came, and as the model got them."""

    def begin(self, key: str) -> None:
        """Prepare for the next request, of a caller with this access key."""
        if key:
            self.ask.key = key
        self.simulation.advance()
        self.interfaces.begin()

    def leave(self) -> None:
        """Delete the interfaces of the instances, which are about to be forgotten."""
        for each in list(self.interfaces.held.values()):
            self.interfaces.release(each.id)
            if each.delete_on_termination:
                self.interfaces.delete(each.id)

    def owns(self, one: str) -> bool:
        """Tell whether an id is that of an instance or a volume of the model."""
        account = self.simulation.account
        return account.is_visible(Instance(one)) or account.has_volume(Volume(one))

    # Launches.

    def run_instances(self, **sent: Unpack[RunCall]) -> Fields:
        """Launch instances with what the request names in the EC2 behind."""
        if self.caller is Caller.NOBODY:
            return super().run_instances(MinCount=1, MaxCount=1, DryRun=bool(sent.get("DryRun")))
        token, asked = sent.get("ClientToken") or "", repr(sorted(sent.items()))
        if token in self._first and not sent.get("DryRun"):
            first, own = self._first[token]
            if first != asked:
                raise token_mismatch(Operation.RUN.value)
            return super().run_instances(**own)
        launch = self.launching.launch(sent)
        self._root_device_names[launch.sent["ImageId"]] = launch.shown.get("RootDeviceName") or EBS.root_device_name
        own: Any = launch.sent
        dry: Any = {**launch.sent, "DryRun": True}
        self._rehearse(lambda: super(ClientInFront, self).run_instances(**dry), dry=sent.get("DryRun"))
        with self._interfaces_for(launch.interfaces, int(sent.get("MaxCount", 1))) as made:
            reply = super().run_instances(**own)
            instances = [
                Instance(each["InstanceId"])
                for each in sorted(reply["Instances"], key=lambda one: one["AmiLaunchIndex"])
            ]
            now = self._clock.now()
            for i in instances:
                self.in_front.shown[i] = launch.shown
                for v in self.simulation.account.attached.get(i, ()):
                    device = self.descriptions.volume_extra_fields[v].device
                    self.in_front.of_volumes[v] = dict(launch.devices.get(device, {}))
                for plan, face in made.pop():
                    held = Held(face[ID], i, plan.index, plan.delete_on_termination, now, face, plan.is_public)
                    self.interfaces.hold(held)
                self._mark(i, launch.tags)
        if token:
            self._first[token] = (asked, own)
        return self.descriptions.launched(instances)

    def _mark(self, i: Instance, tags: Sequence[Fields]) -> None:
        """Add the tags that EC2 itself gives to an instance."""
        extra = self.descriptions.extra_fields[i]
        self.descriptions.extra_fields[i] = replace(extra, tags=[*extra.tags, *tags])

    def image_of(self, image_id: str) -> Image:
        """Return what the instances of an image boot from, as the EC2 behind describes it."""
        return Image(image_id, EBS.root_device, self._root_device_names.get(image_id, EBS.root_device_name))

    def _rehearse(self, call: Callable[[], object], *, dry: bool | None) -> None:
        """Raise what the model would refuse a call with, before anything is done in the EC2 behind."""
        try:
            call()
        except ClientError as error:
            if dry or code_and_status(error)[0] != _DRY:
                raise

    @contextmanager
    def _interfaces_for(
        self, plans: Sequence[Interface], count: int
    ) -> Generator[list[list[tuple[Interface, Fields]]]]:
        """Yield interfaces for so many instances; new ones that no instance holds in the end are deleted."""
        made: list[list[tuple[Interface, Fields]]] = []
        new: list[str] = []
        try:
            for _ in range(count):
                each: list[tuple[Interface, Fields]] = []
                for plan in plans:
                    face = self._made(plan)
                    each.append((plan, face))
                    if not plan.id:
                        new.append(face[ID])
                made.append(each)
            made.reverse()
            yield made
        finally:
            for interface in new:
                if interface not in self.interfaces.held:
                    self.interfaces.delete(interface)

    def _made(self, plan: Interface) -> Fields:
        """Return an interface of a launch, which is made if it is new."""
        if plan.id:
            return self.interfaces.all()[plan.id]
        free = self.interfaces.free_addresses(Operation.RUN.value, plan.subnet)
        addresses = list(plan.addresses) or [next(free)]
        others = (address for address in free if address not in addresses)
        secondary = [next(others) for _ in range(plan.secondary)]
        wanted: Fields = {"PrivateIpAddress": addresses[0]}
        if all_of_them := addresses[1:] + secondary:
            listed = [{"PrivateIpAddress": one, "Primary": one == addresses[0]} for one in [addresses[0], *all_of_them]]
            wanted = {"PrivateIpAddresses": listed}
        reply = self.ask(
            "CreateNetworkInterface",
            SubnetId=plan.subnet["SubnetId"],
            Groups=list(plan.groups),
            Description=plan.description,
            **wanted,
            **plan.more,
        )
        face: Fields = reply["NetworkInterface"]
        self.interfaces.all()[face[ID]] = face
        return face

    def create_volume(self, **sent: Unpack[CreateVolumeCall]) -> Fields:
        """Create a volume; the EC2 behind knows the snapshot."""
        asked: Any = dict(sent)
        snapshot = asked.get("SnapshotId")
        if snapshot and self.caller is Caller.OWNER and not asked.get("Size"):
            asked["Size"] = self.launching.snapshot_size(Operation.CREATE_VOLUME.value, snapshot)
        more = {
            key: asked[key] for key in ("Encrypted", "Iops", "KmsKeyId", "SnapshotId", "Throughput") if key in asked
        }
        asked.pop("SnapshotId", None)
        reply = super().create_volume(**asked)
        self.in_front.of_volumes[Volume(reply["VolumeId"])] = more
        return {**reply, **more}

    # Attributes that an instance shares with its primary interface.

    def modify_instance_attribute(self, **sent: Unpack[ModifyAttributeCall]) -> Fields:
        """Write one attribute; groups and the source check are those of the primary interface."""
        asked: Mapping[str, Any] = sent
        change = _network_change(asked)
        if not change:
            return super().modify_instance_attribute(**sent)
        if (count := len(asked.keys() - _ENVELOPE)) > 1:
            raise rejected(Operation.MODIFY, Ec2Error.SEVERAL_ATTRIBUTES, count=count)
        i = Instance(sent["InstanceId"])
        record = self.simulation.account.instances.get(i)
        # A protection, with its present value: whether the instance can be changed at all is the model's answer.
        same: Any = {"DisableApiTermination": {"Value": record is not None and record.disable_api_termination}}
        self._rehearse(
            lambda: super(ClientInFront, self).modify_instance_attribute(InstanceId=i, DryRun=True, **same),
            dry=bool(asked.get("DryRun")),
        )
        held = self.primary(Operation.MODIFY.value, i)
        self.ask("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=held.id, **change)
        self.interfaces.begin()
        return self.descriptions.reply()

    def describe_instance_attribute(self, **sent: Unpack[DescribeAttributeCall]) -> Fields:
        """Read one attribute; groups and the source check are those of the primary interface."""
        if sent["Attribute"] not in {_GROUPS, _CHECK}:
            return super().describe_instance_attribute(**sent)
        another: Any = {**sent, "Attribute": "disableApiTermination"}
        super().describe_instance_attribute(**another)
        i = Instance(sent["InstanceId"])
        held = self.interfaces.of(i)
        face = held[0].face if held else {}
        if sent["Attribute"] == _GROUPS:
            return self.descriptions.reply(
                InstanceId=i, Groups=[{"GroupId": each["GroupId"]} for each in face.get("Groups") or ()]
            )
        return self.descriptions.reply(InstanceId=i, SourceDestCheck={"Value": face.get("SourceDestCheck", True)})

    # For the operations that concern both.

    def known(self, operation: str, instance: str) -> Instance:
        """Return an instance that an operation knows; raises `ClientError`."""
        i = Instance(instance)
        if not self.simulation.knows_id(operation, i):
            raise absent(operation, i)
        return i

    def primary(self, operation: str, i: Instance) -> Held:
        """Return the primary interface of an instance; raises `ClientError` if it has none any more."""
        held = self.interfaces.of(i)
        if not held:
            raise wrong_state(operation, i, self.simulation.account.instances[i].state)
        return held[0]

    def now(self) -> float:
        """Return the time of the clock."""
        return self._clock.now()


def _network_change(asked: Mapping[str, Any]) -> Fields:
    """Return the attribute of the primary interface that a request changes, or nothing."""
    if asked.get("Groups"):
        return {"Groups": list(asked["Groups"])}
    if asked.get("SourceDestCheck") is not None:
        return {"SourceDestCheck": asked["SourceDestCheck"]}
    if asked.get("Attribute") == _CHECK:
        return {"SourceDestCheck": {"Value": str(asked.get("Value")).lower() == "true"}}
    return {}
