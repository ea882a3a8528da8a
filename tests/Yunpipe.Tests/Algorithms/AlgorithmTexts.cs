namespace Yunpipe.Tests.Algorithms;

internal static class AlgorithmTexts
{
    /// <summary>Every key of the format at least once.</summary>
    public const string Rich = """
        $schema: ../schema/algorithm.schema.json
        name: register
        version: 2.1
        description: Aligns slices to a template
        image: lab/register:2.1
        command: [reg, "${moving}", "${slices}", --list, "${slices.table}", --at, "${slices.dir}", "${a}", "${b}", "${c}", "${on}", "${q}", "${f}", --of, "${meta.plate}", "${marks}", "${notes}", "${d}", "${e}", "${settings}", "${moving.stem}"]
        inputs:
          moving: {path: /data/moving.nii.gz}
          slices: {accepts: ["*.tif"], list: true, required: false}
          store: {kind: directory, required: false, flag: --store, separator: "=", extensions: [.n5.zip]}
          marks: {list: true, required: false, flag: -m, repeat: true}
          notes: {list: true, required: false, listSeparator: ":"}
        outputs:
          warp: {path: "${key}/warp*.nii.gz", each: true, minimum: 1 KiB}
          log: {path: /app/log.txt, required: false}
          zarr: {path: "${stem}.ome.zarr", kind: directory}
        variables:
          a: {flag: --a, pattern: "[a-z]+", help: A word}
          b: {type: integer, flag: --b, separator: "=", minimum: 0, maximum: 10}
          c: {type: list, of: number, listSeparator: ",", minItems: 1, maxItems: 3, above: 0, below: 100}
          d: {type: list, flag: --d, repeat: true}
          e: {flag: -e}
          on: {type: flag, flag: --on, default: true}
          q: {type: enum, values: [low, high], default: low}
          f: {type: file, required: true}
        rules: [{oneOf: [a, b]}, {atLeastOne: [a, c]}, {requires: [b, c]}, {atMostOne: [a, d]}, {allOrNone: [d, e]}, {requires: [q=high, c]}]
        resources: {cpu: 2, memory: {minimum: 1 GiB, suggested: 2 GiB}, gpu: 1, disk: 10 GiB, shm: 64 MiB, timeout: 10 min, pids: 100, machines: [g4dn.xlarge, g5.xlarge]}
        environment: {THREADS: "${cpu}", EMPTY: }
        isolation: job
        workdir: "${out}"
        stdin: "${moving}"
        stdout: "${stem}.log"
        stderr: errors.txt
        configs: {settings: {path: "${stem}.ini", lines: ["[reg]", "a=${a}", "", "moving=${moving.name}"]}}
        network: true
        files: [reg.py, lib/x.py]
        retry: {attempts: 5, backoff: 10 s, memoryGrowth: 1.5}
        exitCodes: {2: Not an image, 75: {kind: transient, says: Licence server busy}}
        tests:
          - {name: small, inputs: {moving: a.nii, slices: [b, c]}, variables: {a: x, c: [1.0, 2], f: x}, outputs: {log: present}}
          - {inputs: {moving: a.nii}, variables: {b: 3, c: 1, f: x}, exitCode: 2}
        """;
}
