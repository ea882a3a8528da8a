cwlVersion: v1.2
$graph: [{class: CommandLineTool, id: a, baseCommand: x, inputs: [], outputs: []}]
