// Times an exported image encoder in ONNX Runtime. `compare_reference` runs it:
//
//     node time_onnx_encoder.js PACKAGE MODEL.onnx INPUT.f32 SIDE THREADS
//
// PACKAGE is the folder of the Node package onnxruntime-node, INPUT the normalised picture [1, 3, SIDE, SIDE] as raw
// floats. Speaks as time_landseam --on-request does; "write PATH" writes the last embedding as raw floats.
"use strict";
const fs = require("fs");
const path = require("path");
const readline = require("readline");

async function main([folder, model, input, side, threads]) {
  const ort = require(path.resolve(folder));
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const bytes = fs.readFileSync(input);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const picture = new ort.Tensor("float32", values, [1, 3, Number(side), Number(side)]);
  const encode = async () => (await session.run({ [session.inputNames[0]]: picture }))[session.outputNames[0]];
  const tell = (message) => process.stdout.write(JSON.stringify(message) + "\n");

  let embedding = await encode();
  const version = JSON.parse(fs.readFileSync(path.join(folder, "package.json"))).version;
  tell({ what: "ready", version, threads: Number(threads) });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.startsWith("write ")) {
      fs.writeFileSync(line.slice(6), Buffer.from(embedding.data.buffer, embedding.data.byteOffset, embedding.data.byteLength));
      tell({ what: "write" });
      continue;
    }
    const start = process.hrtime.bigint();
    embedding = await encode();
    tell({ what: "encode", seconds: Number(process.hrtime.bigint() - start) / 1e9 });
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
