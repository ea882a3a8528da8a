cwlVersion: v1.0
class: CommandLineTool
baseCommand: sort
stdin: $(inputs.lines.path)
inputs:
  - {id: lines, type: File}
  - {id: reverse, type: boolean, inputBinding: {prefix: -r}}
outputs:
  - {id: sorted, type: stdout}
hints: {DockerRequirement: {dockerImageId: "debian:12"}, ResourceRequirement: {coresMin: $(inputs.reverse)}}
