/* One go of an upload with tus-js-client, the tus project's client for JavaScript. Reads its task as JSON, prints the
   upload's address. */
const fs = require("fs");
const tus = require("tus-js-client");

const task = JSON.parse(fs.readFileSync(0, "utf8"));
const upload = new tus.Upload(fs.createReadStream(task.path), {
  endpoint: task.endpoint,
  uploadUrl: task.url || null,
  chunkSize: task.chunk,
  headers: { Cookie: task.cookie },
  metadata: task.metadata,
  uploadSize: fs.statSync(task.path).size,
  retryDelays: [200, 1000, 3000],
  onChunkComplete: (_size, sent) => {
    if (task.stop_at && sent >= task.stop_at) {
      upload.abort().then(() => {
        console.log(upload.url);
        process.exit(0);
      });
    }
  },
  onSuccess: () => console.log(upload.url),
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
});
upload.start();
