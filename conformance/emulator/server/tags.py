"""Creates, deletes and lists tags of instances and volumes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ....model.world import IdForm, Instance, Volume
from .. import filters, pagination
from ..account import form_of
from ..client import ModelClient
from ..extra_fields import Tags
from ..refusals import not_found, rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error

_MOST: Final = 50
_FILTERS: Final[Mapping[str, filters.Getter]] = {
    "key": filters.field("Key"),
    "resource-id": filters.field("ResourceId"),
    "resource-type": filters.field("ResourceType"),
    "value": filters.field("Value"),
}
"""The filters of tags, in addition to `tag:KEY`."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """CreateTags, DeleteTags and DescribeTags of one region, as boto3 methods."""

    client: ModelClient

    def create_tags(self, *, Resources: Sequence[str], Tags: Sequence[Mapping[str, Any]], **_: object) -> Fields:  # noqa: N803
        """Add tags to every resource; they replace tags with the same keys."""
        operation = "CreateTags"
        self._check_request(operation, Resources, Tags)
        fresh = {str(tag.get("Key", "")): str(tag.get("Value", "")) for tag in Tags}
        merged = {one: {**_as_dict(self._tags(one)), **fresh} for one in Resources}
        for one, tags in merged.items():
            if len(tags) > _MOST:
                raise rejected(operation, Ec2Error.TOO_MANY_TAGS, id=one, most=_MOST)
        for one, tags in merged.items():
            self._put(one, tags)
        return self.client.descriptions.reply()

    def delete_tags(self, *, Resources: Sequence[str], Tags: Sequence[Mapping[str, Any]] = (), **_: object) -> Fields:  # noqa: N803
        """Delete the tags with these keys (and values, where sent), or all if none are named."""
        if not Resources:
            raise rejected("DeleteTags", Ec2Error.MISSING, name="resourceIdSet")
        self._check("DeleteTags", Resources)
        for one in Resources:
            kept = {
                key: value for key, value in _as_dict(self._tags(one)).items() if not _is_selected(key, value, Tags)
            }
            self._put(one, kept)
        return self.client.descriptions.reply()

    def describe_tags(self, **sent: Any) -> Fields:  # noqa: ANN401 - boto3's keyword arguments
        """List tags, paginated on request."""
        items = filters.apply_filters("DescribeTags", sent.get("Filters"), self._all(), _as_tagged, _FILTERS)
        fitting = {f"{item['ResourceId']} {item['Key']}": item for item in items}
        shown, token = pagination.page_of("DescribeTags", (), sorted(fitting), sent, is_sorted=True)
        return self.client.descriptions.page(
            token, Tags=self.client.descriptions.variation.shuffled([fitting[each] for each in shown])
        )

    def _all(self) -> Iterator[Fields]:
        account, descriptions = self.client.simulation.account, self.client.descriptions
        kinds = (
            ("instance", {i: descriptions.extra_fields[i].tags for i in account.instances if account.is_visible(i)}),
            ("volume", {v: descriptions.volume_extra_fields[v].tags for v in account.volumes if account.has_volume(v)}),
        )
        for kind, tags in kinds:
            for one, its in tags.items():
                for tag in its or ():
                    yield {"ResourceId": one, "ResourceType": kind, "Key": tag["Key"], "Value": tag.get("Value", "")}

    def _check_request(self, operation: str, resources: Sequence[str], tags: Sequence[Mapping[str, Any]]) -> None:
        for name, sent in (("resourceIdSet", resources), ("tagSet", tags)):
            if not sent:
                raise rejected(operation, Ec2Error.MISSING, name=name)
        for tag in tags:
            if not tag.get("Key") or str(tag["Key"]).startswith("aws:"):
                raise rejected(operation, Ec2Error.WRONG_TAG_KEY, key=tag.get("Key", ""))
        self._check(operation, resources)

    def _check(self, operation: str, resources: Sequence[str]) -> None:
        """Raise `ClientError` unless all resources exist."""
        for one in resources:
            if not (
                one.startswith("vol-") or (one.startswith("i-") and form_of(Instance(one)) is not IdForm.MALFORMED)
            ):
                raise rejected(operation, Ec2Error.WRONG_TAGGED_ID, id=one)
            if one.startswith("vol-") and not self.client.simulation.account.has_volume(Volume(one)):
                raise rejected(operation, Ec2Error.NO_VOLUME, id=one)
        instances = dict.fromkeys(Instance(one) for one in resources if one.startswith("i-"))
        if absent := [i for i in instances if not self.client.simulation.knows_id(operation, i)]:
            raise not_found(operation, absent)

    def _tags(self, one: str) -> Tags:
        descriptions = self.client.descriptions
        return (
            descriptions.extra_fields[Instance(one)].tags
            if one.startswith("i-")
            else descriptions.volume_extra_fields[Volume(one)].tags
        ) or []

    def _put(self, one: str, tags: Mapping[str, str]) -> None:
        descriptions, listed = self.client.descriptions, [{"Key": key, "Value": value} for key, value in tags.items()]
        if one.startswith("i-"):
            descriptions.extra_fields[Instance(one)] = replace(descriptions.extra_fields[Instance(one)], tags=listed)
        else:
            descriptions.volume_extra_fields[Volume(one)] = replace(
                descriptions.volume_extra_fields[Volume(one)], tags=listed
            )


def _as_tagged(item: Fields) -> Fields:
    """Return a tag as an item that carries it, for the filter `tag:KEY`."""
    return {**item, "Tags": [item]}


def _as_dict(tags: Tags) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def _is_selected(key: str, value: str, sent: Sequence[Mapping[str, Any]]) -> bool:
    return not sent or any(tag.get("Key") == key and tag.get("Value", value) == value for tag in sent)
