#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: "#align-reads"
label: Aligns
doc: |
  Aligns reads
  to a reference.
$namespaces: {edam: "http://edamontology.org/"}
baseCommand: [bwa, mem]
arguments:
  - {prefix: -t, valueFrom: $(runtime.cores), position: 1}
  - "-v"
  - {valueFrom: "$(inputs.reads.nameroot)$(inputs.reads.nameext)", prefix: --name=, separate: false, position: 1}
  - valueFrom: ${ return inputs.threads * 2; }
  - {valueFrom: "costs \\$(5) $6", position: 9}
requirements:
  DockerRequirement: {dockerPull: "biocontainers/bwa:0.7.17", dockerOutputDirectory: /out}
  ResourceRequirement: {coresMin: 4, ramMin: 2048, ramMax: 8192, tmpdirMin: 1024, outdirMin: 1024}
  EnvVarRequirement: {envDef: {LC_ALL: C, SAMPLE: $(inputs.sample), TMP_PLACE: "$(runtime.tmpdir)/x"}}
  InlineJavascriptRequirement: {expressionLib: ["var x = 1;"]}
  InitialWorkDirRequirement:
    listing:
      - {entryname: conf/settings.ini, entry: "[main]\nsample=$(inputs.sample)\nprice=\\$5\n", writable: true}
      - $(inputs.reads)
  SchemaDefRequirement:
    types: [{name: speed, type: enum, symbols: [slow, fast]}]
  NetworkAccess: {networkAccess: false}
  ToolTimeLimit: {timelimit: 3600}
hints:
  - {class: SoftwareRequirement, packages: {bwa: {version: ["0.7.17"]}}}
  - {class: "cwltool:CUDARequirement", cudaVersionMin: "11"}
inputs:
  reads: {type: File, inputBinding: {position: 5}, secondaryFiles: [.bai, ^.json], format: edam:format_2572, doc: The reads}
  mates: {type: "File[]?", inputBinding: {position: 6, itemSeparator: ","}}
  atlas: {type: File, default: {class: File, location: ref/atlas.fa}, inputBinding: {position: 4, prefix: --ref}, secondaryFiles: {pattern: .fai, required: false}}
  threads: {type: int?, inputBinding: {prefix: -j, separate: false, position: 2}}
  ratio: {type: double, default: 0.5, inputBinding: {prefix: --ratio, position: 2}, doc: ["How much,", "from 0 to 1"]}
  verbose: {type: boolean, inputBinding: {prefix: --verbose, position: 2}}
  sample: {type: string, inputBinding: {prefix: -R, position: 3, valueFrom: "ID:$(self)"}}
  speed: {type: ["null", speed], inputBinding: {prefix: --speed, position: 3}}
  tags: {type: {type: array, items: string, inputBinding: {prefix: -T}}, inputBinding: {position: 3}}
  numbers: {type: "int[]", default: [1, 2], inputBinding: {prefix: --numbers, position: 3}}
  region:
    type:
      - "null"
      - type: record
        fields:
          chromosome: {type: string, inputBinding: {prefix: --chr, position: 2}}
          length: {type: int, inputBinding: {prefix: --len, position: 1}}
    inputBinding: {position: 7, prefix: --region}
  anything: Any
  unbound: string?
outputs:
  aligned: {type: File, outputBinding: {glob: $(inputs.reads.nameroot).bam}, secondaryFiles: [.bai, ^.csi, .opt?]}
  parts: {type: "File[]", outputBinding: {glob: ["part*.txt", "$(inputs.sample).part"]}}
  log: {type: stdout}
  errors: {type: stderr}
  folder: {type: Directory?, outputBinding: {glob: results}}
  all: {type: Directory, outputBinding: {glob: .}}
  count: {type: int, outputBinding: {glob: count.txt, loadContents: true, outputEval: "$(parseInt(self[0].contents))"}}
stdout: $(inputs.sample).log
successCodes: [0, 2]
temporaryFailCodes: [75]
permanentFailCodes: [1, 300]
