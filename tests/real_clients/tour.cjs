// The lifecycle by the AWS SDK for JavaScript: prints what each part of the tour came to, as JSON.
const ec2 = require("@aws-sdk/client-ec2");

const client = new ec2.EC2Client({ region: "us-east-1", endpoint: process.env.AWS_ENDPOINT_URL, maxAttempts: 1 });
const patience = { client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 };
const send = (name, input) => client.send(new ec2[`${name}Command`](input));

async function launch(zone, protectedOne = false) {
  const made = await send("RunInstances", {
    ImageId: "ami-12345678",
    MinCount: 1,
    MaxCount: 1,
    Placement: { AvailabilityZone: `us-east-1${zone}` },
    DisableApiTermination: protectedOne,
  });
  return made.Instances[0].InstanceId;
}

async function states(ids) {
  const found = {};
  for await (const page of ec2.paginateDescribeInstances({ client, pageSize: 5 }, {})) {
    for (const { Instances } of page.Reservations) {
      for (const { InstanceId, State } of Instances) found[InstanceId] = State.Name;
    }
  }
  return ids.map((id) => found[id]);
}

async function refusal(name, input) {
  try {
    await send(name, input);
    return null;
  } catch (error) {
    return [error.name, error.$metadata.httpStatusCode];
  }
}

(async () => {
  const came = {};
  const ids = [await launch("a"), await launch("a", true), await launch("b")];
  const [free, guarded] = ids;
  came.running = (await ec2.waitUntilInstanceRunning(patience, { InstanceIds: ids })).state;
  came.batch = await refusal("TerminateInstances", { InstanceIds: ids });
  came.afterTheBatch = await states(ids);
  const stopped = await send("StopInstances", { InstanceIds: [free] });
  came.stop = [stopped.StoppingInstances[0].PreviousState.Name, stopped.StoppingInstances[0].CurrentState.Name];
  came.stopped = (await ec2.waitUntilInstanceStopped(patience, { InstanceIds: [free] })).state;
  await send("ModifyInstanceAttribute", { InstanceId: free, InstanceType: { Value: "m5.large" } });
  await send("StartInstances", { InstanceIds: [free] });
  came.dry = await refusal("TerminateInstances", { InstanceIds: [free], DryRun: true });
  await send("ModifyInstanceAttribute", { InstanceId: guarded, DisableApiTermination: { Value: false } });
  await send("TerminateInstances", { InstanceIds: ids });
  came.terminated = (await ec2.waitUntilInstanceTerminated(patience, { InstanceIds: ids })).state;
  came.unknown = await refusal("DescribeInstances", { InstanceIds: ["i-0123456789abcdef0"] });
  console.log(JSON.stringify(came));
})();
