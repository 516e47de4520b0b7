// yaml-language-server over standard input and output, as an editor drives it: what it says of manifests whose first line names SCHEMA.
// usage: node lsp.js SERVER SCHEMA
const {spawn} = require('child_process');
const {pathToFileURL} = require('url');
const [program, schema] = process.argv.slice(2);
const server = spawn(process.execPath, [program, '--stdio'], {stdio: ['pipe', 'pipe', 'inherit']});
const waiting = new Map(), diagnostics = new Map();
let received = Buffer.alloc(0), last = 0, passed = 0, failed = 0;

function send(message) {
	const body = JSON.stringify({jsonrpc: '2.0', ...message});
	server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
function ask(method, params) {
	return new Promise(answer => {
		waiting.set(++last, answer);
		send({id: last, method, params});
	});
}
// What the server asks: its settings are those of an editor that has set nothing but what it needs no network for.
function answerTo(message) {
	if (message.method === 'workspace/configuration')
		return message.params.items.map(item => item.section === 'yaml' ? {hover: true, completion: true, validate: true, schemaStore: {enable: false}} : {});
	return null;
}
function receive(message) {
	if (message.method && message.id !== undefined)
		send({id: message.id, result: answerTo(message)});
	else if (message.method === 'textDocument/publishDiagnostics' && diagnostics.has(message.params.uri))
		diagnostics.get(message.params.uri)(message.params.diagnostics);
	else if (waiting.has(message.id))
		waiting.get(message.id)(message.result);
}
server.stdout.on('data', chunk => {
	received = Buffer.concat([received, chunk]);
	for (;;) {
		const end = received.indexOf('\r\n\r\n');
		const size = end < 0 ? NaN : Number(/Content-Length: (\d+)/.exec(received.subarray(0, end))[1]);
		if (!(received.length >= end + 4 + size))
			return;
		const body = received.subarray(end + 4, end + 4 + size);
		received = received.subarray(end + 4 + size);
		receive(JSON.parse(body));
	}
});

// Opens TEXT below the modeline as the file NAME; gives its address when the server has said what is wrong with it, and that.
async function open(name, text) {
	const uri = `file:///manifests/${name}.yaml`;
	const said = new Promise(answer => diagnostics.set(uri, answer));
	const whole = `# yaml-language-server: $schema=${pathToFileURL(schema)}\n${text}`;
	send({method: 'textDocument/didOpen', params: {textDocument: {uri, languageId: 'yaml', version: 1, text: whole}}});
	return {uri, said: await said};
}
function at(uri, line, character) {
	return {textDocument: {uri}, position: {line, character}};
}
function result(what, good, seen) {
	if (good) {
		passed++;
	} else {
		failed++;
		console.log(`FAILED ${what}: ${JSON.stringify(seen)}`);
	}
}

const good = `rootc: 1
name: board
disk: {size: 8MiB}
partitions:
  root:
    size: rest
    mount: /
    filesystem:
      type: ext4
`;

async function main() {
	await ask('initialize', {processId: process.pid, rootUri: null, capabilities: {workspace: {configuration: true},
		textDocument: {hover: {contentFormat: ['markdown']}, completion: {completionItem: {}}, publishDiagnostics: {}}}});
	send({method: 'initialized', params: {}});

	const clean = await open('good', good);
	result('a good manifest', clean.said.length === 0, clean.said);
	const mounted = require(schema).properties.partitions.additionalProperties.properties.mount.description;
	const hover = await ask('textDocument/hover', at(clean.uri, 7, 5));
	result("hover over 'mount'", JSON.stringify(hover).includes(JSON.stringify(mounted).slice(1, 20)), hover);

	const begun = await open('begun', good + '      \n');
	const keys = await ask('textDocument/completion', at(begun.uri, 10, 6));
	const labels = (keys.items || keys).map(item => item.label);
	result('completion of keys', ['label', 'uuid', 'block_size'].every(key => labels.includes(key)) && !labels.includes('type'), labels);
	const kinds = await open('kinds', good.replace('ext4', ''));
	const values = await ask('textDocument/completion', at(kinds.uri, 9, 12));
	const types = (values.items || values).map(item => item.label);
	result('completion of values', ['ext2', 'ext4', 'vfat'].every(type => types.includes(type)), types);

	const wrong = await open('wrong', good.replace('mount:', 'muont:'));
	result('a wrong key', wrong.said.some(d => /muont/.test(d.message) && d.range.start.line === 7), wrong.said);
	const unit = await open('unit', good.replace('8MiB', '8MB'));
	result('a wrong unit', unit.said.some(d => d.range.start.line === 3), unit.said);
	const short = await open('short', good.replace('name: board\n', ''));
	result('a key that is missing', short.said.some(d => /name/.test(d.message)), short.said);
	const derived = await open('derived', 'rootc: 1\nextends: base.yaml\ndisk: {size: 8MiB}\n');
	result('what a base may have', derived.said.length === 0, derived.said);

	console.log(`${passed} passed, ${failed} failed, 0 skipped`);
	server.kill();
	process.exit(failed ? 1 : 0);
}
setTimeout(() => {
	console.log('FAILED the server did not answer in two minutes');
	process.exit(1);
}, 120000).unref();
main();
