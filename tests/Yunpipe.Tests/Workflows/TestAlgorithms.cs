using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

/// <summary>A small toolbox for tests of workflows: bare names and files are both looked up here.</summary>
internal static class TestAlgorithms
{
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["blur"] = "{name: blur, command: [blur, '${image}', '${sigma}', '${out}/${stem}.tif'], inputs: {image: ['*.tif', '*.tiff']}, outputs: {image: '${stem}.tif'}, variables: {sigma: {type: number, default: 1, minimum: 0, maximum: 50}}}",
        ["segment"] = "{name: segment, command: [segment, '${image}', '${out}/${stem}_labels.tif', '${minArea}', '${model}'], inputs: {image: '*.tif'}, outputs: {labels: '${stem}_labels.tif', qc: {path: '${stem}.png', required: false}}, variables: {minArea: {type: integer, default: 10}, model: {type: file}}}",
        ["measure"] = "{name: measure, command: [measure, '${labels}', '${image}', '${out}/${stem}.csv'], inputs: {labels: '*.tif', image: {accepts: ['*.tif', '*.tiff', '*.nii.gz']}}, outputs: {table: '${stem}.csv'}}",
        ["concat"] = "{name: concat, command: [concat, '${rows.table}', '${out}/all.csv'], inputs: {rows: {list: true, accepts: '*.csv'}}, outputs: {table: all.csv}}",
        ["montage"] = "{name: montage, command: [montage, '${images}', '${out}/montage.png'], inputs: {images: {list: true}}, outputs: {image: montage.png}}",
        ["named"] = "{name: named, command: [named, '${images}'], inputs: {images: {list: true}}, outputs: {image: '${stem}.png'}, environment: {TITLE: 'of ${key}'}}",
        ["plot"] = "{name: plot, command: [plot, '${table}', '${out}/plot.svg'], inputs: {table: '*.csv'}, outputs: {plot: plot.svg}}",
        ["tile"] = "{name: tile, command: [tile, '${image}', '${out}'], inputs: {image: '*.tif'}, outputs: {tiles: {path: '*.tif', each: true}}}",
        ["copy"] = "{name: copy, command: [cp, '${image}', '${out}/${stem}.tif'], inputs: {image: }, outputs: {image: '${stem}.tif'}}",
        ["illum.yaml"] = "{name: illum, command: [illum, '${sites}', '${out}/illum.npy'], inputs: {sites: {list: true}}, outputs: {npy: illum.npy}}",
        ["cp.yaml"] = "{name: cp, image: 'lab/cp:4', command: [cellprofiler, '${site}', --illum, '${illum}', -o, '${out}'], inputs: {site: {list: true}, illum: '*.npy'}, outputs: {cells: '${stem}_cells.csv', image: {path: '${stem}.tif', required: false}}}",
        ["ants.yaml"] = "{name: ants, image: 'lab/ants:2.5', command: [antsRegistration, -f, '${atlas}', -m, '${brain}', -o, '${out}/${stem}_reg.nii.gz'], inputs: {brain: '*.nii.gz'}, outputs: {registered: '${stem}_reg.nii.gz'}, variables: {atlas: {type: file, required: true}}, resources: {memory: 8 GiB}}",
        ["zarr.yaml"] = "{name: zarr, command: [zarr, '${image}', '${out}/${stem}.ome.zarr'], inputs: {image: {kind: directory}}, outputs: {image: {path: '${stem}.ome.zarr', kind: directory}}}",
        ["cellpose.yaml"] = "{name: cellpose, image: 'lab/cellpose:3', command: [cellpose, '${images}', --pretrained_model, '${model}', --savedir, '${out}'], inputs: {images: {list: true, accepts: '*.tif'}}, outputs: {masks: '${stem}_cp_masks.tif'}, variables: {model: {type: file, required: true}}, resources: {gpu: 1, memory: 8 GiB}}",
        ["both"] = "{name: both, command: [both, '${a}', '${b}', '${out}/${stem}.tif'], inputs: {a: , b: }, outputs: {image: '${stem}.tif'}}",
        ["bits"] = "{name: bits, command: [bits, '${image}', '${a}', '${b}', '${must}'], inputs: {image: }, outputs: {x: x.txt}, variables: {a: {type: flag}, b: {type: list, of: integer}, must: {type: string, required: true}}}",
        ["fields"] = "{name: fields, command: [fields, '${sites}', '${field}', '${out}/field.tif'], inputs: {sites: {list: true}, field: }, outputs: {image: field.tif}}",
        ["source"] = "{name: source, command: [synth, '${out}'], outputs: {image: '*.tif'}}",
    };

    public static Reading<Algorithm> Find(string reference, string directory)
    {
        var name = reference.StartsWith("./", StringComparison.Ordinal) ? reference[2..] : reference;
        return Texts.TryGetValue(name, out var text)
            ? AlgorithmReader.Read(text, name.EndsWith(".yaml", StringComparison.Ordinal) ? name : name + ".yaml", "/algorithms")
            : new Reading<Algorithm>(null, [new Problem(WorkflowCodes.Algorithm, $"There is no algorithm {Wording.Quote(reference)}.", null, Wording.DidYouMean(name, Texts.Keys))]);
    }

    public static Reading<Workflow> Read(string text) => WorkflowReader.Read(text, "w.yaml", "/work", Find);

    /// <summary>Reads and plans; reading must succeed.</summary>
    public static Reading<Plan> Plan(string text)
    {
        var workflow = Read(text);
        workflow.Problems.Select(problem => problem.ToString()).ShouldBeEmpty();
        return Planner.Plan(workflow.Value!);
    }

    public static Plan Planned(string text)
    {
        var plan = Plan(text);
        plan.Problems.Select(problem => problem.ToString()).ShouldBeEmpty();
        return plan.Value!;
    }

    /// <summary>One line a step: pass, depth, axes, grain and how each input is joined.</summary>
    public static string Shown(Plan plan) => string.Join("\n", plan.Steps.Select(step =>
        $"{step.Index} {step.Name} pass {step.Pass} depth {step.Depth}" +
        (step.Axes.Count > 0 ? $" axes {string.Join(',', step.Axes)}" : "") +
        (step.Variants.Count > 1 ? $" ×{step.Variants.Count}" : "") +
        (step.Grouped is null ? "" : $" by {step.Grouped.By?.Source ?? "all"}") +
        $": {string.Join(", ", step.Inputs.Select(bound => $"{bound.Port.Name}={bound.From?.Name ?? "input"}{(bound.Output ?? (object?)null) switch { null => bound.Part is null ? "" : "." + bound.Part, _ => "." + bound.Output!.Name }} {bound.Join}"))}" +
        (step.Readers.Count > 0 ? $" → {string.Join(", ", step.Readers)}" : "")));
}
