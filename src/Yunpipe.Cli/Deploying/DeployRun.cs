using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Yunpipe.Algorithms;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Stack;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Commands;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Deployments;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Local.References;
using Yunpipe.Local.Runs;
using Yunpipe.Runs;
using Yunpipe.Work;
using Yunpipe.Workflows;
using Deployed = Yunpipe.Deployments.Deployment;

namespace Yunpipe.Cli.Deploying;

/// <summary>One deployment from the command line: finds out what it would be, says what would change and what it costs, asks, and carries it out.
/// <code>
/// read workflow → look at images → template → staging bucket → change set → ask → copy images → stack → deployment.json
/// </code>
/// Killed anywhere, the same command goes on: what stands is found, and only the document that is written last makes anything start.</summary>
internal sealed class DeployRun(CliContext context, DeployRequest asked, bool json, bool quiet)
{
    private readonly Terminal _terminal = context.Terminal;
    private readonly FoundAlgorithms _found = new(context.Algorithms);

    private static IEqualityComparer<Algorithm> ByReference => ReferenceEqualityComparer.Instance;

    private bool Silent => json || quiet;

    public async Task<int> Execute(CancellationToken cancel)
    {
        var read = PlanReader.Read(asked.Workflow, _found.Find, asked.Settings);
        if (read.Value is not { } plan || read.Problems.Count > 0) return _terminal.Tell(read.Problems, json);
        var name = asked.Name ?? DeploymentNames.Of(plan.Workflow.Name);
        var package = DispatcherPackage.Make(context.Folder);
        if (package.Value is not { } dispatcher) return _terminal.Tell(package.Problems, json);
        if (!asked.TemplateOnly && !asked.Yes && !_terminal.CanAsk) return _terminal.Tell([new Problem("YP6224", "Nobody can be asked here whether this is to be done.", null, "Say so beforehand: --yes.")], json);
        using var account = asked.TemplateOnly ? null : await CloudAccount.Open(context, cancel);
        var access = account is null ? null : await account.Registry.LogIn(cancel);
        await using var images = new DeployImages(context, asked.Places, DeploymentNames.Repository(name), access);
        // Pinned by its content, wherever it lies: what is at the place later changes nothing of what was deployed.
        using var references = new ReferenceData(context, Silent);
        var here = await references.Bring(plan, cancel);
        if (here.Value is not { } brought) return _terminal.Tell(here.Problems, json);
        var draft = await Draft(plan, brought, name, dispatcher, images, cancel);
        if (draft.Value is not { } made) return _terminal.Tell(draft.Problems, json);
        var template = StackTemplate.Of(made.Spec);
        if (account is null)
        {
            _terminal.Out.Write(System.Text.Encoding.UTF8.GetString(template));
            return ExitCode.AllDone;
        }
        return await Stand(account, made, dispatcher, template, images, cancel);
    }

    /// <summary>All that is known before AWS is asked to do anything.</summary>
    private async Task<Reading<DeploymentDraft>> Draft(Plan plan, BroughtPlan brought, string name, DispatcherPackage dispatcher, DeployImages images, CancellationToken cancel)
    {
        var problems = new List<Problem>(await images.Plan(plan, _found.All, cancel));
        // Steps that name one image have one algorithm between them.
        await using var launcher = new DeployedPrograms(images, plan.Steps.DistinctBy(step => step.Algorithm, ByReference).ToDictionary(step => step.Algorithm, step => step.Step.AlgorithmReference, ByReference));
        // What one task may use is said by the step; how many there are at once is the deployment's.
        var programs = await StepPrograms.Find(brought, _ => new Reading<ILauncher>(launcher, []), new Capacity(double.MaxValue, 0, Enumerable.Range(0, 1024).ToArray(), 1), cancel);
        problems.AddRange(programs.Problems);
        var references = (programs.Value ?? []).ToDictionary(step => step.Name, step => (IReadOnlyList<string>)[.. step.References.Select(entry =>
            $"{DeploymentNames.StagingInTemplate}/{ReferenceKey(name, entry.Key, entry.Value)}{(Directory.Exists(entry.Value) ? "*" : "")}")]);
        var steps = StackSteps.Of(plan, images.ForStack(plan), references, asked.Capacity);
        problems.AddRange(steps.Problems.Where(problem => DeployImages.IsNews(plan, problem)));
        var (input, results) = (asked.Input ?? Own(plan.Workflow.Input.Location), asked.Results ?? Own(plan.Workflow.Output.Location));
        if (input.Existing is { } bucket && bucket == results.Existing && results.Prefix.StartsWith(input.Prefix, StringComparison.Ordinal))
            problems.Add(new Problem("YP6227", $"Results in s3://{bucket}/{results.Prefix} would be taken for new images: they lie inside of what is watched, s3://{bucket}/{input.Prefix}.", null, "Let results go to another bucket, or beside the images."));
        if (problems.Count > 0 || steps.Value is not { } stack || programs.Value is not { } found) return new(null, problems);
        var document = DocumentReader.ReadFile(asked.Workflow);
        var spec = new StackSpec
        {
            Name = name, Version = Version, Owner = asked.Owner, Steps = stack, Input = input, Results = results,
            Dispatcher = new AssetPlace(DeploymentNames.StagingInTemplate, dispatcher.Key), Network = asked.Network, LogDays = asked.LogDays, IntermediateDays = asked.IntermediateDays, Mail = asked.Mail,
        };
        var table = plan.Workflow.Input.Table is { } file ? await File.ReadAllTextAsync(Path.Combine(plan.Workflow.Directory, file), cancel) : null;
        return new(new DeploymentDraft(spec, plan, DeploymentWriter.Workflow(document.Value!), _found.All.ToDictionary(entry => entry.Key, entry => DeploymentWriter.Algorithm(entry.Value)), found, asked.Settings, table), []);
    }

    private async Task<int> Stand(CloudAccount account, DeploymentDraft draft, DispatcherPackage dispatcher, byte[] template, DeployImages images, CancellationToken cancel)
    {
        var spec = draft.Spec;
        var stack = DeploymentNames.Stack(spec.Name);
        var work = new StackWork(account.Stacks, context.Time, stack) { BetweenLooks = CloudAccount.BetweenLooks(context) };
        if (await Buckets(account, spec, write: false, cancel) is { } wrong) return _terminal.Tell([wrong], json);
        StackStart start;
        using (var watch = Watch("removing what is left of an earlier try"))
        {
            var begun = await work.Begin(Seen(watch), cancel);
            if (begun.Value is not { } can) return _terminal.Tell(begun.Problems, json);
            start = can;
        }
        await account.Staging.Ensure(cancel);
        await account.Staging.Keep(dispatcher.Key, dispatcher.Bytes, cancel);
        var address = await account.Staging.KeepTemplate(spec.Name, template, account.Partition.Suffix, cancel);
        var changeSet = $"yunpipe-{context.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}";
        var proposed = await work.Propose(changeSet, !start.Stands, address, Tags(spec), cancel);
        if (proposed.Problems.Count > 0) return _terminal.Tell(proposed.Problems, json);
        var missing = await MissingImages(account, images, spec, start.Stands, cancel);
        var network = asked.Network is { } own ? await NetworkCheck.Look(new NetworkCalls(account.Calls), own, account.Region, cancel) : null;
        Say(account, draft, proposed.Value?.Changes, missing, template, images.Bytes, network?.Missing ?? 0);
        foreach (var line in network?.Lines.Where(line => line.Kind is not CheckKind.Good) ?? []) _terminal.Error.WriteLine($"{line.Says} {line.Advice}");
        if (!asked.Yes && !_terminal.Agree("Do this?"))
        {
            if (proposed.Value is not null) await account.Stacks.Withdraw(stack, changeSet, CancellationToken.None);
            if (!start.Stands) await work.Delete(_ => { }, CancellationToken.None);
            _terminal.Error.WriteLine("Nothing was changed.");
            return ExitCode.Interrupted;
        }
        await CopyImages(account, images, spec, cancel);
        await UploadReferences(account, draft, cancel);
        if (proposed.Value is { } set)
            using (var watch = Watch(start.Stands ? "changing the stack" : "making the stack"))
                if (await work.Execute(changeSet, !start.Stands, set.Changes.Count, Seen(watch), cancel) is { } failed)
                {
                    if (!start.Stands) await work.Delete(_ => { }, cancel);
                    return _terminal.Tell([failed], json);
                }
        if (await Buckets(account, spec, write: true, cancel) is { } refused) return _terminal.Tell([refused], json);
        return await Open(account, draft, stack, cancel);
    }

    /// <summary>Writes the document from which everybody learns what stands: from now on uploads are worked on.</summary>
    private async Task<int> Open(CloudAccount account, DeploymentDraft draft, string stack, CancellationToken cancel)
    {
        var outputs = (await account.Stacks.Describe(stack, cancel))?.Outputs ?? new Dictionary<string, string>();
        var references = draft.Programs.SelectMany(step => step.References).DistinctBy(entry => entry.Key)
            .ToDictionary(entry => entry.Key, entry => $"s3://{account.Staging.Name}/{ReferenceKey(draft.Spec.Name, entry.Key, entry.Value)}");
        var limits = new DeployedLimits { Tasks = asked.Capacity.MostTasks * draft.Spec.Steps.Count, QuietSeconds = asked.SettleSeconds, IdleSeconds = (int)draft.Spec.Idle.TotalSeconds };
        var deployment = DeploymentMaker.Of(draft, outputs, account.Fill, references, limits, Version, context.Time.GetUtcNow());
        await new S3Bucket(account.Connection.S3(), deployment.Store.Bucket).Put(Deployed.ObjectName, deployment.ToJson(), cancel);
        var (input, results) = (Place(deployment.Input), Place(deployment.Results!));
        if (json) _terminal.Json(new DeployDocument(deployment.Name, stack, account.Who.Account, account.Region, input, results, Place(deployment.Store)), VerbsJson.Default.DeployDocument);
        else
        {
            _terminal.Out.WriteLine($"{deployment.Name} stands. Upload images to {input}");
            _terminal.Out.WriteLine($"and results appear in       {results}");
            _terminal.Out.WriteLine($"How it goes: yunpipe status {deployment.Name}. Images that are there already: yunpipe submit {deployment.Name}.");
        }
        return ExitCode.AllDone;
    }

    private void Say(CloudAccount account, DeploymentDraft draft, IReadOnlyList<StackChange>? changes, IReadOnlyList<DeployedImage> missing, byte[] template, long bytes, int endpoints)
    {
        if (Silent && asked.Yes) return;
        var to = _terminal.Error;
        to.WriteLine($"{draft.Spec.Name}: {Words.Count(draft.Plan.Steps.Count, "step")}, in the account {account.Who.Account}, {account.Region}.");
        foreach (var step in draft.Spec.Steps)
            to.WriteLine($"  {step.Name}: {Size(step)}{(step.Capacity.Spot ? ", spare capacity first" : "")}, at most {Words.Count(step.MostTasks, "task")} at once");
        if (missing.Count > 0)
        {
            // Of an image that several algorithms name the layers are one; what is wrapped differs by what it carries.
            var images = missing.Select(image => image.Source).Distinct().Count();
            to.WriteLine($"{Words.Count(images, "image")} will be copied to ECR{(missing.Count == images ? "" : $", wrapped for {Words.Count(missing.Count, "algorithm")}; layers that they share go once")}.");
        }
        if (changes is null) to.WriteLine("The stack stays as it is; what its steps do may change.");
        else
            foreach (var line in ChangeWords.Of(changes)) to.WriteLine(line);
        if (draft.Spec.Input.Existing is { } bucket) to.WriteLine($"The bucket {bucket} will tell EventBridge of uploads; whatever else it tells anybody stays as it is.");
        foreach (var line in StandingCost.ToLines(StandingCost.Of(template, bytes, endpoints))) to.WriteLine(line);
    }

    private static async Task<IReadOnlyList<DeployedImage>> MissingImages(CloudAccount account, DeployImages images, StackSpec spec, bool stands, CancellationToken cancel)
    {
        // Before the first deployment there is no repository to look into.
        var there = stands || (await account.Registry.Find(DeploymentNames.Repository(spec.Name), cancel)).Contains(DeploymentNames.Repository(spec.Name));
        return there ? await images.Missing(cancel) : images.Needed;
    }

    private async Task CopyImages(CloudAccount account, DeployImages images, StackSpec spec, CancellationToken cancel)
    {
        if (images.All.Values.All(image => image.StandsAt is not null)) return;
        await account.Registry.Ensure(DeploymentNames.Repository(spec.Name), Tags(spec), cancel);
        foreach (var image in await images.Missing(cancel))
        {
            using var watch = new CopyWatch(_terminal, Silent, context.Time, $"copying {Words.Name(image.Source)}");
            await images.Copy(image, watch, cancel);
        }
    }

    private async Task UploadReferences(CloudAccount account, DeploymentDraft draft, CancellationToken cancel)
    {
        var references = draft.Programs.SelectMany(step => step.References).DistinctBy(entry => entry.Key).ToList();
        foreach (var (digest, path) in references)
        {
            using var watch = new CopyWatch(_terminal, Silent, context.Time);
            var (doing, done, total) = ($"uploading {Words.Name(Path.GetFileName(path.TrimEnd('/')))}", 0L, SizeOf(path));
            await account.Staging.KeepReference(ReferenceKey(draft.Spec.Name, digest, path), path, cancel, count => watch.Report(new CopyProgress(doing, Interlocked.Add(ref done, count), total)));
        }
    }

    private static long SizeOf(string path) => Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : new FileInfo(path).Length;

    /// <summary>Buckets that the user named: they must exist, here, and tell of uploads.</summary>
    private static async Task<Problem?> Buckets(CloudAccount account, StackSpec spec, bool write, CancellationToken cancel)
    {
        foreach (var name in new[] { spec.Input.Existing, spec.Results.Existing }.OfType<string>())
        {
            if (await Aws.Deploying.Buckets.RegionOf(account.Connection.S3(), name, cancel) is not { } region) return new Problem("YP6225", $"There is no bucket {Wording.Quote(name)}.", null, "Check its name; or leave it out, and one is made.");
            if (region != account.Region) return new Problem("YP6226", $"The bucket {Wording.Quote(name)} is in {region}; this would deploy to {account.Region}.", null, $"Deploy beside it: AWS_REGION={region}.");
        }
        if (spec.Input.Existing is { } input) await Aws.Deploying.Buckets.TellEvents(account.Connection.S3(), input, write, cancel);
        return null;
    }

    private CountWatch Watch(string doing) => new(_terminal, Silent, context.Time, doing);

    private static Action<StackProgress> Seen(CountWatch watch) => progress => watch.Report(progress.Done, progress.Total, progress.Now);

    private static BucketChoice Own(string? location) => S3Address.Names(location) && S3Address.Read(location!).Value is { Address: var at } ? new BucketChoice(at.Bucket, at.Prefix) : new BucketChoice(null, "");

    private static string ReferenceKey(string deployment, string digest, string path) => StagingBucket.ReferenceKey(deployment, digest, Path.GetFileName(path.TrimEnd('/')), Directory.Exists(path));

    private static IEnumerable<KeyValuePair<string, string>> Tags(StackSpec spec) =>
        [new(DeploymentNames.Tag, spec.Name), new("yunpipe:version", spec.Version), new("yunpipe:owner", spec.Owner)];

    private static string Place(BucketPlace place) => $"s3://{place.Bucket}/{place.Prefix}";

    private static string Size(StackStep step)
    {
        var where = step.Capacity.Kind is CapacityKind.Fargate && FargateSize.Fit(step.Size.Cpu, step.Size.Memory) is var (cpu, memory)
            ? string.Create(CultureInfo.InvariantCulture, $"Fargate with {cpu / 1024.0:0.##} vCPU and {new ByteSize((long)memory << 20)}") : $"machines ({string.Join(", ", step.Capacity.InstanceTypes)})";
        return where + (step.Size.Gpu > 0 ? $", {step.Size.Gpu} GPU" : "");
    }

    private static string Version => typeof(DeployRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}

/// <param name="Work">Where records and intermediates lie.</param>
internal sealed record DeployDocument(string Deployment, string Stack, string Account, string Region, string Input, string Results, string Work);
