cwlVersion: v1.2
class: CommandLineTool
inputs:
  one: {inputBinding: {position: 1}}
  two: {type: {type: record, fields: {x: {type: "#loop"}}}}
  three: {$import: other.yml}
  four: [string, int]
arguments: {a: b}
requirements: {SchemaDefRequirement: {types: [{name: loop, type: array, items: loop}]}, DockerRequirement: {dockerPull: "no image"}}
outputs: {five: {outputBinding: {glob: x}}}
