using Yunpipe.EndToEnd.Cli;
using Yunpipe.EndToEnd.Containers;

namespace Yunpipe.EndToEnd.Samples;

/// <summary>What the data model was made for, each run to its end with tiny programs in the place of the real ones.</summary>
public sealed class ScenarioTests : IDisposable
{
    private readonly CommandBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private async Task<string> Run(params IReadOnlyList<string> more)
    {
        var said = await _bench.Yunpipe(["run", "workflow.yaml", "--launcher", "process", "--no-report", .. more]);
        said.Exit.ShouldBe(0, said.ToString());
        return said.Out;
    }

    private void Steps(string text) => _bench.Put("workflow.yaml", text + "\noutput: ./out\n");

    [Fact]
    public async Task A_384_well_plate_of_five_channels_gets_a_light_field_and_one_table()
    {
        for (var well = 0; well < 384; well++)
            for (var channel = 1; channel <= 5; channel++)
                _bench.Put($"in/P1/Images/r{well / 24 + 1:00}c{well % 24 + 1:00}f01p01-ch{channel}sk1fk1fl1.tiff", $"{well} {channel}\n");
        _bench.Put("illum.sh", "out=$1; shift; cat \"$@\" | wc -l > \"$out/illum.npy\"\n");
        _bench.Put("illum.yaml", "{name: illum, command: [sh, illum.sh, '${out}', '${sites}'], inputs: {sites: {list: true}}, outputs: {npy: illum.npy}, files: [illum.sh]}\n");
        // One start for many sites: the key of each is told by the table, and so is which file is which channel.
        _bench.Put("cp.sh", """
            tail -n +2 "$1" | while IFS=, read -r path key col part plane plate row site; do
              [ "$part" = mito ] || continue
              echo "$key,$part,$(cat "$2"),$(cat "$path")" > "$3/${row}${col}-${site}_cells.csv"
            done
            """);
        _bench.Put("cp.yaml", "{name: cp, command: [sh, cp.sh, '${site.table}', '${illum}', '${out}'], inputs: {site: {list: true}, illum: '*.npy'}, outputs: {cells: '${stem}_cells.csv'}, files: [cp.sh]}\n");
        _bench.Put("join.yaml", "{name: join, command: [sh, -c, 'cd \"$1\" && find . -type f -o -type l | sort | xargs cat > \"$2\"', sh, '${rows.dir}', '${out}/${stem}.csv'], inputs: {rows: {list: true}}, outputs: {table: '${stem}.csv'}}\n");
        Steps("""
            input:
              location: ./in
              pattern: "{plate}/Images/r{row}c{col}f{site}p{plane}-ch{ch}sk1fk1fl1.tiff"
              item: {key: "${plate}/${row}${col}-${site}", parts: {dna: {ch: 1}, er: {ch: 2}, rna: {ch: 3}, agp: {ch: 4}, mito: {ch: 5}}}
            steps:
              - {name: illum, algorithm: ./illum.yaml, inputs: {sites: input}, gather: {by: "${plate}", count: 384}}
              - {name: analyse, algorithm: ./cp.yaml, inputs: {site: input, illum: illum.npy}, batch: 48}
              - {name: table, algorithm: ./join.yaml, inputs: {rows: analyse.cells}, gather: {by: "${plate}", missing: skip}}
            """);
        (await Run()).ShouldContain("analyse  384 done\n");
        _bench.Text("out/illum/P1/illum.npy").Trim().ShouldBe("1920");
        var rows = _bench.Text("out/table/P1/P1.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows.Length.ShouldBe(384);
        rows[0].ShouldBe("P1/0101-01/mito,mito,1920,0 5");
        rows[^1].ShouldBe("P1/1624-01/mito,mito,1920,383 5");
        (await Run()).ShouldContain("all was done before");
    }

    [Fact]
    public async Task Brains_with_their_sidecars_are_registered_to_a_large_atlas_that_nobody_copies()
    {
        foreach (var subject in (string[])["sub-01", "sub-02"])
        {
            _bench.Put($"in/{subject}/anat/{subject}_T1w.nii.gz", $"brain of {subject}\n");
            _bench.Put($"in/{subject}/anat/{subject}_T1w.json", $"{{\"time\": \"{subject}\"}}\n");
        }
        _bench.Put("in/participants.tsv", "participant_id\tage\n");
        using (var atlas = File.Create(_bench.At("atlas.nii.gz"))) atlas.SetLength(1L << 30);
        _bench.Put("register.yaml", "{name: register, command: [sh, register.sh, '${brain}', '${atlas}', '${out}/${stem}_reg.nii.gz'], inputs: {brain: '*.nii.gz'}, outputs: {registered: '${stem}_reg.nii.gz'}, variables: {atlas: {type: file, required: true}}, files: [register.sh]}\n");
        _bench.Put("register.sh", "cd \"$(dirname \"$1\")\" && cat \"$1\" \"$(basename \"$1\" .nii.gz).json\" participants.tsv > \"$3\" && stat -L -c %s \"$2\" >> \"$3\" && du -sk \"$PWD\" \"$TMPDIR/..\" | awk '$1 > 1000 {exit 1}'\n");
        Steps("""
            input: {location: ./in, pattern: "{sub}/anat/${sub}_T1w.nii.gz", sidecars: ["${stem}.json", /participants.tsv]}
            steps: [{name: register, algorithm: ./register.yaml, variables: {atlas: ./atlas.nii.gz}, timeout: 6 h}]
            """);
        await Run();
        _bench.Text("out/register/sub-02/anat/sub-02_T1w_reg.nii.gz").ShouldBe("brain of sub-02\n{\"time\": \"sub-02\"}\nparticipant_id\tage\n1073741824\n");
        _bench.Put("in/sub-01/anat/sub-01_T1w.json", "{}\n");
        (await Run()).ShouldContain("register: 1 job again because: “sub-01/anat/sub-01_T1w.json”, beside “sub-01/anat/sub-01_T1w.nii.gz”, has changed, or was touched.");
    }

    [Fact]
    public async Task Folders_of_OME_Zarr_go_in_and_come_out_and_are_compared_by_content()
    {
        foreach (var name in (string[])["a", "b"])
        {
            _bench.Put($"in/{name}.ome.zarr/.zattrs", "{}");
            _bench.Put($"in/{name}.ome.zarr/0/0/0", name);
        }
        _bench.Put("shrink.yaml", "{name: shrink, command: [sh, -c, 'cp -rL \"$1\" \"$2\" && printf s >> \"$2/0/0/0\"', sh, '${image}', '${out}/${stem}.ome.zarr'], inputs: {image: {kind: directory}}, outputs: {image: {path: '${stem}.ome.zarr', kind: directory}}}\n");
        Steps("input: {location: ./in, kind: directory}\nsteps: [{name: shrink, algorithm: ./shrink.yaml}, {name: again, algorithm: ./shrink.yaml}]");
        await Run();
        _bench.Text("out/again/b.ome.zarr/0/0/0").ShouldBe("bss");
        _bench.Text("out/again/b.ome.zarr/.zattrs").ShouldBe("{}");
        File.SetLastWriteTimeUtc(_bench.At("in/a.ome.zarr/0/0/0"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await Run()).ShouldContain("shrink  2 done (1 before, 1 by equal content)");
    }

    [Fact]
    public async Task A_network_runs_on_each_GPU_with_a_folder_of_weights_and_several_images_a_start()
    {
        for (var i = 0; i < 8; i++) _bench.Put($"in/{i}.tif", $"{i}");
        _bench.Put("cyto3/weights", "v3");
        // Two at a time, so that both devices are seen: each waits until the other has begun.
        _bench.Put("cellpose.sh", """
            weights=$(cat "$1/weights"); out=$2; meeting=$3; shift 3
            touch "$meeting/$CUDA_VISIBLE_DEVICES"
            for i in $(seq 600); do [ -e "$meeting/4" ] && [ -e "$meeting/6" ] && break; sleep 0.1; done
            for image in "$@"; do echo "$weights $CUDA_VISIBLE_DEVICES $#" > "$out/$(basename "$image" .tif)_cp_masks.tif"; done
            """);
        Directory.CreateDirectory(_bench.At("meeting"));
        _bench.Put("cellpose.yaml", $"{{name: cellpose, command: [sh, cellpose.sh, '${{model}}', '${{out}}', '{_bench.At("meeting")}', '${{images}}'], inputs: {{images: {{list: true, accepts: '*.tif'}}}}, outputs: {{masks: '${{stem}}_cp_masks.tif'}}, variables: {{model: {{type: directory, required: true}}}}, resources: {{cpu: 0.1, gpu: 1}}, files: [cellpose.sh]}}\n");
        Steps("""
            input: {location: ./in, pattern: "{well}.tif"}
            steps: [{name: cellpose, algorithm: ./cellpose.yaml, variables: {model: ./cyto3}, batch: 4}]
            """);
        var refused = await _bench.Yunpipe("plan", "workflow.yaml", "--gpus", "none");
        refused.Exit.ShouldBe(2);
        refused.Error.ShouldContain("Step “cellpose” needs 1 GPU; the run has 0.");
        await Run("--gpus", "4,6");
        var masks = Enumerable.Range(0, 8).Select(i => _bench.Text($"out/cellpose/{i}_cp_masks.tif").Trim().Split(' ')).ToList();
        masks.ShouldAllBe(words => words[0] == "v3");
        masks.Select(words => words[1]).Distinct().Order().ShouldBe(["4", "6"]);
        masks.ShouldContain(words => int.Parse(words[2]) > 1);
    }

    [Fact]
    public async Task A_sweep_goes_through_all_that_follows_and_a_further_value_runs_alone()
    {
        _bench.Put("in/a.txt", "a").Put("in/b.txt", "b");
        _bench.Put("tag.yaml", "{name: tag, command: [sh, -c, 'echo \"$(cat \"$1\")$2\" > \"$3\"', sh, '${image}', '${sigma}', '${out}/${stem}.txt'], inputs: [image], outputs: '${stem}.txt', variables: {sigma: {type: number, default: 0}}}\n");
        _bench.Put("join.yaml", "{name: join, command: [sh, -c, 'out=$1; shift; cat \"$@\" > \"$$out\"', sh, '${out}/${stem}.csv', '${rows}'], inputs: {rows: {list: true}}, outputs: {table: '${stem}.csv'}}\n");
        void Sweep(string values) => Steps($$$"""
            input: {location: ./in, pattern: "{name}.txt"}
            steps:
              - {name: blur, algorithm: ./tag.yaml, matrix: {sigma: [{{{values}}}]}}
              - {name: tag, algorithm: ./tag.yaml}
              - {name: table, algorithm: ./join.yaml, gather: "${sigma}"}
            """);
        Sweep("0.5, 1");
        await Run();
        _bench.Text("out/tag/sigma=0.5/b.txt").ShouldBe("b0.50\n");
        _bench.Text("out/table/0.5/0.5.csv").ShouldBe("a0.50\nb0.50\n");
        Sweep("0.5, 1.0, 2");
        var said = await Run();
        said.ShouldContain("blur   6 done (4 before)");
        said.ShouldContain("table  3 done (2 before)");
    }

    [Fact]
    public async Task A_microscope_uploads_slowly_and_sends_a_corrected_file_later()
    {
        _bench.Put("join.yaml", "{name: join, command: [sh, -c, 'out=$1; shift; cat \"$@\" > \"$$out\"', sh, '${out}/${stem}.txt', '${rows}'], inputs: {rows: {list: true}}, outputs: {table: '${stem}.txt'}}\n");
        _bench.Put("copy.yaml", "{name: copy, command: [cp, '${image}', '${out}/${stem}.txt'], inputs: [image], outputs: '${stem}.txt'}\n");
        Steps("""
            input: {location: ./in, pattern: "{plate}/{well}.txt"}
            steps:
              - {name: copy, algorithm: ./copy.yaml}
              - {name: plate, algorithm: ./join.yaml, gather: {by: "${plate}", expect: {well: [A1, A2]}, missing: wait}}
            """);
        _bench.Put("in/P1/A1.txt", "1").Put("in/P1/A2.txt.part", "half a fi");
        var waits = await _bench.Yunpipe("run", "workflow.yaml", "--no-report");
        waits.Exit.ShouldBe(3, waits.ToString());
        waits.Out.ShouldContain("plate: 1 group waits for members: The group “P1” lacks well=A2.");
        (await _bench.Yunpipe("plan", "workflow.yaml")).Out.ShouldContain("nothing to run");
        File.Delete(_bench.At("in/P1/A2.txt.part"));
        _bench.Put("in/P1/A2.txt", "2");
        await Run();
        _bench.Text("out/plate/P1/P1.txt").ShouldBe("12");
        _bench.Put("in/P1/A1.txt", "one");
        (await Run()).ShouldContain("copy: 1 job again because: “P1/A1.txt” has changed, or was touched.");
        _bench.Text("out/plate/P1/P1.txt").ShouldBe("one2");
    }

    [Theory, InlineData("process"), InlineData("podman"), InlineData("docker")]
    public async Task A_script_without_an_image_of_its_own_runs_here_and_in_an_image_of_somebody_else(string launcher)
    {
        var image = "";
        if (launcher != "process")
        {
            Engines.Find(launcher);
            image = ", image: yunpipe-test";
        }
        _bench.Put("in/a b.txt", "one two\n");
        _bench.Put("lab/count.sh", ". \"$(dirname \"$0\")/parts/words.sh\"\nwords \"$1\" > \"$2\"\n");
        _bench.Put("lab/parts/words.sh", "words() { wc -w < \"$1\" | tr -d ' '; }\n");
        _bench.Put("lab/count.yaml", $"{{name: count, command: [sh, ./count.sh, '${{image}}', '${{out}}/${{stem}}.txt'], inputs: [image], outputs: '${{stem}}.txt', files: [count.sh, parts/words.sh]{image}}}\n");
        Steps("input: ./in\nsteps: [{name: count, algorithm: ./lab/count.yaml}]");
        string[] command = ["run", "workflow.yaml", "--launcher", launcher, "--no-report"];
        var first = await _bench.Yunpipe(command);
        first.Exit.ShouldBe(0, first.ToString());
        _bench.Text("out/count/a b.txt").ShouldBe("2\n");
        _bench.Put("lab/parts/words.sh", "words() { echo many; }\n");
        (await _bench.Yunpipe(command)).Out.ShouldContain("count: 1 job again because: The algorithm has changed: its program, command, files or declared outputs.");
        _bench.Text("out/count/a b.txt").ShouldBe("many\n");
    }

    [Fact]
    public async Task A_new_version_of_the_last_step_runs_nothing_but_that()
    {
        _bench.WithTwoSteps();
        await Run();
        _bench.Put("count.yaml", _bench.Text("count.yaml").Replace("wc -c", "wc -l"));
        var said = await Run();
        said.ShouldContain("shout  3 done before");
        said.ShouldContain("count: 3 jobs again, the first because: The algorithm has changed");
        _bench.Text("out/count/a.count").Trim().ShouldBe("1");
    }
}
