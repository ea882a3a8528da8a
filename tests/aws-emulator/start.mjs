// Starts the emulator on 127.0.0.1 – its own command would listen on every address – and says where; ends with its stdin.
import { startFauxqs } from "fauxqs";

const server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
console.log(`http://127.0.0.1:${server.port}`);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
