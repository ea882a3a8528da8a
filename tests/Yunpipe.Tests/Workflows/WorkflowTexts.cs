namespace Yunpipe.Tests.Workflows;

internal static class WorkflowTexts
{
    /// <summary>Every key of the format, at least once.</summary>
    public const string Rich = """
        $schema: ../schema/workflow.schema.json
        name: screen.v2
        description: Nuclei of a screen, one table a plate
        input:
          location: ./in
          pattern: "{plate}/{well}_{ch}.tif"
          item:
            key: "${plate}/${well}"
            parts: {dna: {ch: 1}, er: {ch: 2, required: false}}
          ignore: [thumbs/, "*.bak"]
          include: "*.tif"
          kind: file
          extensions: [.ome.btf]
          sidecars: ["${stem}.json", {path: "/${plate}.xml", required: false}]
        steps:
          - name: blur
            algorithm: blur
            from: input.dna
            matrix: {sigma: [0.5, 1, 2]}
            when: {plate: [P1, P2], glob: "P*/**"}
            timeout: 5 min
          - name: segment
            algorithm: segment
            inputs: {image: blur}
            variables: {minArea: 20, model: models/a.pt}
            resources: {cpu: 2, memory: {minimum: 1 GiB, suggested: 2 GiB}, gpu: 1, disk: 1 GiB, shm: 64 MiB, timeout: 1 h, pids: 100}
            isolation: job
            retry: {attempts: 5, backoff: 3 s, memoryGrowth: 1.5}
            image: lab/segment:9
          - name: measure
            algorithm: measure
            inputs: {labels: segment.labels, image: input.dna}
            retry: 2
            when: "P1/**"
          - name: table
            algorithm: concat
            inputs: {rows: measure.table}
            gather: {by: "${plate}/${sigma}", expect: {well: [A01, A02]}, missing: skip}
          - name: overview
            algorithm: montage
            inputs: {images: segment.labels}
            gather: {by: "${plate}", count: 384, missing: wait}
          - name: all
            algorithm: concat
            inputs: {rows: table}
            gather: all
          - plot
          - name: masks
            algorithm: cellpose.yaml
            from: input.dna
            variables: {model: models/cyto3}
            batch: 16
        output: {location: ./out, layout: "${step}/${path}"}
        tolerate: 5%
        """;
}
