"""In front of moto: where instances are, which addresses and groups they have, and their network interfaces."""

from ipaddress import ip_address, ip_network

import pytest
from in_front import client, default_vpc, group, interface_of, launched, matching, network, refused, shown, state

from ec2_lifecycle.testing import Ec2Double

pytestmark = [pytest.mark.ec2_double(beyond="moto"), pytest.mark.usefixtures("ec2_double")]


def test_a_vpc_is_the_one_of_the_ec2_behind() -> None:
    vpc, _ = network()
    assert [each["VpcId"] for each in client().describe_vpcs(VpcIds=[vpc])["Vpcs"]] == [vpc]


def test_a_launch_without_a_subnet_takes_a_default_subnet() -> None:
    (made,) = launched()
    assert shown(made)["VpcId"] == default_vpc()
    [subnet] = client().describe_subnets(SubnetIds=[shown(made)["SubnetId"]])["Subnets"]
    assert subnet["DefaultForAz"]
    assert shown(made)["Placement"]["AvailabilityZone"] == subnet["AvailabilityZone"] == "us-east-1a"


def test_a_launch_in_a_zone_takes_the_default_subnet_of_the_zone() -> None:
    (made,) = launched(Placement={"AvailabilityZone": "us-east-1e"})
    [subnet] = client().describe_subnets(SubnetIds=[shown(made)["SubnetId"]])["Subnets"]
    assert subnet["AvailabilityZone"] == shown(made)["Placement"]["AvailabilityZone"] == "us-east-1e"


def test_a_zone_can_be_named_by_its_id() -> None:
    zones = {each["ZoneName"]: each["ZoneId"] for each in client().describe_availability_zones()["AvailabilityZones"]}
    (made,) = launched(Placement={"AvailabilityZoneId": zones["us-east-1c"]})
    assert shown(made)["Placement"]["AvailabilityZone"] == "us-east-1c"


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with refused("InvalidZone.NotFound", "us-east-1z"):
        launched(Placement={"AvailabilityZone": "us-east-1z"})


def test_a_subnet_gives_the_zone_and_the_network() -> None:
    vpc, subnet = network(zone="us-east-1f")
    (made,) = launched(SubnetId=subnet)
    item = shown(made)
    assert (item["SubnetId"], item["VpcId"], item["Placement"]["AvailabilityZone"]) == (subnet, vpc, "us-east-1f")


def test_a_launch_shows_its_subnet_at_once() -> None:
    vpc, subnet = network()
    [item] = client().run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"]
    assert (item["State"]["Name"], item["SubnetId"], item["VpcId"]) == ("pending", subnet, vpc)


def test_a_subnet_of_another_zone_is_refused() -> None:
    _, subnet = network(zone="us-east-1d")
    with refused("InvalidParameterValue", subnet):
        launched(SubnetId=subnet, Placement={"AvailabilityZone": "us-east-1a"})


def test_an_unknown_subnet_is_refused_and_nothing_is_launched() -> None:
    with refused("InvalidSubnetID.NotFound"):
        launched(SubnetId="subnet-0123456789abcdef0")
    assert matching() == []


def test_addresses_come_from_the_range_of_the_subnet() -> None:
    _, subnet = network(subnet="10.7.9.0/24")
    addresses = [shown(each)["PrivateIpAddress"] for each in launched(5, SubnetId=subnet)]
    assert len(set(addresses)) == 5
    assert all(ip_address(each) in ip_network("10.7.9.0/24") for each in addresses)
    assert min(map(ip_address, addresses)) == ip_address("10.7.9.4")  # the first four are AWS's


def test_a_launch_may_choose_its_address() -> None:
    _, subnet = network()
    (made,) = launched(SubnetId=subnet, PrivateIpAddress="10.7.1.77")
    assert shown(made)["PrivateIpAddress"] == "10.7.1.77"
    assert shown(made)["PrivateDnsName"] == "ip-10-7-1-77.ec2.internal"
    assert matching(private_ip_address="10.7.1.77") == [made]


def test_an_address_in_use_is_refused_and_free_again_after_the_termination() -> None:
    _, subnet = network()
    (first,) = launched(SubnetId=subnet, PrivateIpAddress="10.7.1.77")
    with refused("InvalidIPAddress.InUse", "10.7.1.77"):
        launched(SubnetId=subnet, PrivateIpAddress="10.7.1.77")
    client().terminate_instances(InstanceIds=[first])
    (second,) = launched(SubnetId=subnet, PrivateIpAddress="10.7.1.77")
    assert state(second) == "running"


def test_a_full_subnet_is_refused_and_leaves_nothing_behind() -> None:
    _, subnet = network(subnet="10.7.1.0/28")
    launched(10, SubnetId=subnet)  # of 16 addresses, AWS has five
    with refused("InsufficientFreeAddressesInSubnet"):
        launched(2, SubnetId=subnet)
    (last,) = launched(1, SubnetId=subnet)
    assert shown(last)["PrivateIpAddress"] == "10.7.1.14"


def test_a_private_address_stays_over_a_stop_and_a_start() -> None:
    (made,) = launched()
    before = shown(made)["PrivateIpAddress"]
    client().stop_instances(InstanceIds=[made])
    client().start_instances(InstanceIds=[made])
    assert (state(made), shown(made)["PrivateIpAddress"]) == ("running", before)


def test_a_subnet_decides_whether_addresses_are_public() -> None:
    _, subnet = network()
    (hidden,) = launched(SubnetId=subnet)
    client().modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    (public,) = launched(SubnetId=subnet)
    assert "PublicIpAddress" not in shown(hidden)
    address = shown(public)["PublicIpAddress"]
    assert shown(public)["PublicDnsName"] == f"ec2-{address.replace('.', '-')}.compute-1.amazonaws.com"
    assert interface_of(public)["Association"]["PublicIp"] == address
    assert matching(ip_address=address) == [public]


def test_a_launch_decides_against_its_subnet_whether_its_address_is_public() -> None:
    _, subnet = network()
    wanted = {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}
    (made,) = launched(NetworkInterfaces=[wanted])
    assert shown(made)["PublicIpAddress"]
    (default,) = launched(NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": False}])
    assert "PublicIpAddress" not in shown(default)


def test_without_a_group_an_instance_has_the_default_group_of_its_vpc() -> None:
    vpc, subnet = network()
    (made,) = launched(SubnetId=subnet)
    wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    [default] = client().describe_security_groups(Filters=wanted)["SecurityGroups"]
    assert shown(made)["SecurityGroups"] == [{"GroupId": default["GroupId"], "GroupName": "default"}]


def test_groups_are_named_by_id_or_by_name() -> None:
    first, second = group(default_vpc(), "first"), group(default_vpc(), "second")
    (by_id,) = launched(SecurityGroupIds=[first, second])
    (by_name,) = launched(SecurityGroups=["first"])
    assert {each["GroupName"] for each in shown(by_id)["SecurityGroups"]} == {"first", "second"}
    assert shown(by_name)["SecurityGroups"] == [{"GroupId": first, "GroupName": "first"}]
    assert matching(instance__group_id=second) == [by_id]
    assert set(matching(instance__group_name="first")) == {by_id, by_name}


def test_an_unknown_group_is_refused() -> None:
    with refused("InvalidGroup.NotFound", "sg-0123456789abcdef0"):
        launched(SecurityGroupIds=["sg-0123456789abcdef0"])
    with refused("InvalidGroup.NotFound", "nowhere"):
        launched(SecurityGroups=["nowhere"])


def test_a_group_of_another_vpc_is_refused() -> None:
    vpc, subnet = network()
    with refused("InvalidGroup.NotFound", vpc):
        launched(SubnetId=subnet, SecurityGroupIds=[group(default_vpc())])


def test_the_groups_of_an_instance_can_be_changed() -> None:
    vpc, subnet = network()
    (made,) = launched(SubnetId=subnet)
    wanted = group(vpc)
    client().modify_instance_attribute(InstanceId=made, Groups=[wanted])
    assert shown(made)["SecurityGroups"] == [{"GroupId": wanted, "GroupName": "web"}]
    assert [each["GroupId"] for each in interface_of(made)["Groups"]] == [wanted]
    read = client().describe_instance_attribute(InstanceId=made, Attribute="groupSet")
    assert read["Groups"] == [{"GroupId": wanted}]


def test_the_groups_of_a_terminated_instance_cannot_be_changed() -> None:
    (made,) = launched()
    wanted = group(default_vpc())
    client().terminate_instances(InstanceIds=[made])
    with refused("IncorrectInstanceState", made):
        client().modify_instance_attribute(InstanceId=made, Groups=[wanted])


def test_the_source_check_is_the_one_of_the_interface() -> None:
    (made,) = launched()
    client().modify_instance_attribute(InstanceId=made, SourceDestCheck={"Value": False})
    assert shown(made)["SourceDestCheck"] is False
    read = client().describe_instance_attribute(InstanceId=made, Attribute="sourceDestCheck")
    assert read["SourceDestCheck"] == {"Value": False}
    assert matching(source_dest_check="false") == [made]


def test_one_request_changes_one_attribute() -> None:
    (made,) = launched()
    with refused("InvalidParameterCombination"):
        client().modify_instance_attribute(
            InstanceId=made, SourceDestCheck={"Value": False}, DisableApiTermination={"Value": True}
        )
    assert shown(made)["SourceDestCheck"] is True


def test_every_instance_has_an_interface_in_the_ec2_behind() -> None:
    made = launched(2)
    faces = client().describe_network_interfaces()["NetworkInterfaces"]
    assert {each["Attachment"]["InstanceId"] for each in faces} == set(made)
    assert {each["Status"] for each in faces} == {"in-use"}
    (held,) = shown(made[0])["NetworkInterfaces"]
    assert held["NetworkInterfaceId"] == interface_of(made[0])["NetworkInterfaceId"]
    assert held["Attachment"]["AttachmentId"] == interface_of(made[0])["Attachment"]["AttachmentId"]


def test_the_interface_goes_with_its_instance() -> None:
    (made,) = launched()
    client().terminate_instances(InstanceIds=[made])
    assert client().describe_network_interfaces()["NetworkInterfaces"] == []
    assert "VpcId" not in shown(made)


@pytest.mark.ec2_double(delays="10", clock="stands")
def test_the_interface_stays_until_its_instance_is_terminated(ec2_double: Ec2Double) -> None:
    (made,) = launched()
    assert interface_of(made)["Attachment"]["Status"] == "attaching"
    ec2_double.advance(10)
    client().terminate_instances(InstanceIds=[made])
    assert state(made) == "shutting-down"
    assert interface_of(made)["Status"] == "in-use"
    ec2_double.advance(10)
    assert client().describe_network_interfaces()["NetworkInterfaces"] == []


def test_an_interface_that_is_there_can_be_launched_with() -> None:
    vpc, subnet = network()
    made = client().create_network_interface(SubnetId=subnet, PrivateIpAddress="10.7.1.50", Groups=[group(vpc)])
    own = made["NetworkInterface"]["NetworkInterfaceId"]
    (instance,) = launched(NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": own}])
    assert shown(instance)["PrivateIpAddress"] == "10.7.1.50"
    assert interface_of(instance)["NetworkInterfaceId"] == own
    with refused("InvalidNetworkInterface.InUse", own):
        launched(NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": own}])
    client().terminate_instances(InstanceIds=[instance])
    [left] = client().describe_network_interfaces()["NetworkInterfaces"]
    assert (left["NetworkInterfaceId"], left["Status"]) == (own, "available")


def test_a_second_interface_is_attached_and_detached() -> None:
    _, subnet = network()
    (instance,) = launched(SubnetId=subnet)
    second = client().create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    wanted = {"NetworkInterfaceId": second, "InstanceId": instance}
    attachment = client().attach_network_interface(DeviceIndex=1, **wanted)["AttachmentId"]
    assert [each["NetworkInterfaceId"] for each in shown(instance)["NetworkInterfaces"]][1] == second
    with refused("InvalidNetworkInterface.InUse"):
        client().attach_network_interface(DeviceIndex=2, **wanted)
    client().detach_network_interface(AttachmentId=attachment)
    assert len(shown(instance)["NetworkInterfaces"]) == 1
    with refused("InvalidAttachmentID.NotFound"):
        client().detach_network_interface(AttachmentId=attachment)


def test_two_interfaces_cannot_have_one_place() -> None:
    _, subnet = network()
    (instance,) = launched(SubnetId=subnet)
    second = client().create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    with refused("InvalidParameterValue", "device index '0'"):
        client().attach_network_interface(NetworkInterfaceId=second, InstanceId=instance, DeviceIndex=0)


def test_the_primary_interface_can_be_neither_detached_nor_deleted() -> None:
    (instance,) = launched()
    face = interface_of(instance)
    with refused("OperationNotPermitted"):
        client().detach_network_interface(AttachmentId=face["Attachment"]["AttachmentId"])
    with refused("InvalidNetworkInterface.InUse"):
        client().delete_network_interface(NetworkInterfaceId=face["NetworkInterfaceId"])
    assert interface_of(instance)["Status"] == "in-use"


def test_an_interface_may_outlive_its_instance() -> None:
    (instance,) = launched()
    face = interface_of(instance)
    change = {"AttachmentId": face["Attachment"]["AttachmentId"], "DeleteOnTermination": False}
    client().modify_network_interface_attribute(NetworkInterfaceId=face["NetworkInterfaceId"], Attachment=change)
    client().terminate_instances(InstanceIds=[instance])
    [left] = client().describe_network_interfaces()["NetworkInterfaces"]
    assert (left["NetworkInterfaceId"], left["Status"]) == (face["NetworkInterfaceId"], "available")


def test_interfaces_and_subnet_cannot_be_named_together() -> None:
    _, subnet = network()
    with refused("InvalidParameterCombination"):
        launched(SubnetId=subnet, NetworkInterfaces=[{"DeviceIndex": 0}])


def test_interfaces_are_filtered_by_both() -> None:
    vpc, subnet = network()
    (made,) = launched(SubnetId=subnet)
    launched()
    wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "status", "Values": ["in-use"]}]
    [face] = client().describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
    assert face["Attachment"]["InstanceId"] == made


def test_a_network_in_use_cannot_be_deleted() -> None:
    vpc, subnet = network()
    web = group(vpc)
    (made,) = launched(SubnetId=subnet, SecurityGroupIds=[web])
    for delete in (
        lambda: client().delete_subnet(SubnetId=subnet),
        lambda: client().delete_security_group(GroupId=web),
        lambda: client().delete_vpc(VpcId=vpc),
    ):
        with refused("DependencyViolation"):
            delete()
    client().terminate_instances(InstanceIds=[made])
    client().delete_security_group(GroupId=web)
    client().delete_subnet(SubnetId=subnet)
    client().delete_vpc(VpcId=vpc)
    assert state(made) == "terminated"


def test_an_elastic_address_belongs_to_an_instance() -> None:
    (made,) = launched()
    address = client().allocate_address(Domain="vpc")
    client().associate_address(InstanceId=made, AllocationId=address["AllocationId"])
    assert shown(made)["PublicIpAddress"] == address["PublicIp"]
    wanted = [{"Name": "instance-id", "Values": [made]}]
    [found] = client().describe_addresses(Filters=wanted)["Addresses"]
    assert (found["PublicIp"], found["InstanceId"]) == (address["PublicIp"], made)
    client().terminate_instances(InstanceIds=[made])
    [free] = client().describe_addresses()["Addresses"]
    assert not free.get("InstanceId")
    assert not free.get("AssociationId")


def test_an_elastic_address_needs_an_instance_that_is_there() -> None:
    address = client().allocate_address(Domain="vpc")["AllocationId"]
    with refused("InvalidInstanceID.NotFound"):
        client().associate_address(InstanceId="i-0123456789abcdef0", AllocationId=address)


@pytest.mark.ec2_double(delays="10", clock="stands")
def test_an_elastic_address_waits_until_the_instance_runs(ec2_double: Ec2Double) -> None:
    (made,) = launched()
    address = client().allocate_address(Domain="vpc")["AllocationId"]
    with refused("IncorrectInstanceState", made, "pending", "ec2-lifecycle"):
        client().associate_address(InstanceId=made, AllocationId=address)
    ec2_double.advance(10)
    assert client().associate_address(InstanceId=made, AllocationId=address)["AssociationId"]
