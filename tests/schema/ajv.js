// What ajv says of the manifests DIR/*.yaml by SCHEMA, a line each: NAME valid|invalid|unread. usage: node ajv.js SCHEMA DIR
const fs = require('fs');
const Ajv = require('ajv');
const YAML = require('yaml');
const [schema, dir] = process.argv.slice(2);
const validate = new Ajv({strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false}).compile(JSON.parse(fs.readFileSync(schema)));

function verdict(bytes) {
	try {
		const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
		return validate(YAML.parse(text, {logLevel: 'error'})) ? 'valid' : 'invalid';
	} catch (error) {
		return 'unread';
	}
}
for (const file of fs.readdirSync(dir).sort())
	if (file.endsWith('.yaml'))
		console.log(file.slice(0, -5), verdict(fs.readFileSync(dir + '/' + file)));
