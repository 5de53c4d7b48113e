"""What the Swift package has beside its sources: the sample's Xcode project, doc comments, the benchmark's JSON.

Run from the checkout's root after tests/platforms/swift/run.sh has made build/swift.
"""

import json
import os
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import openstep

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
sys.path.insert(0, os.path.join(ROOT, 'scripts'))
import bench_json
SAMPLE = os.path.join(ROOT, 'platforms', 'ios', 'sample')
PROJECT = os.path.join(SAMPLE, 'AugurSample.xcodeproj')
MADE = {'shop.augur'}  # by make-model.sh


class Project(unittest.TestCase):
    """The sample's project is well-formed: every reference leads somewhere, every file exists."""

    @classmethod
    def setUpClass(cls):
        with open(os.path.join(PROJECT, 'project.pbxproj'), encoding='utf-8') as file:
            cls.project = openstep.parse(file.read())
        cls.objects = cls.project['objects']

    def of(self, isa):
        return {key: value for key, value in self.objects.items() if value['isa'] == isa}

    def test_every_reference_leads_to_an_object(self):
        ids = re.compile(r'^[0-9A-F]{24}$')

        def check(value, where):
            if isinstance(value, dict):
                for key, inner in value.items():
                    if ids.match(key) and where != 'objects':
                        self.assertIn(key, self.objects, where)
                    check(inner, f'{where}/{key}')
            elif isinstance(value, list):
                for inner in value:
                    check(inner, where)
            elif ids.match(value):
                self.assertIn(value, self.objects, where)

        check(self.project, 'project')
        for key in self.objects:
            self.assertRegex(key, ids)

    def test_every_file_exists(self):
        seen = set()

        def walk(key, folder):
            item = self.objects[key]
            path = item.get('path')
            if item['sourceTree'] == 'SOURCE_ROOT':
                place = os.path.join(SAMPLE, path)
            elif item['sourceTree'] == 'BUILT_PRODUCTS_DIR':
                return
            else:
                place = os.path.join(folder, path) if path else folder
            if item['isa'] == 'PBXGroup':
                for child in item['children']:
                    walk(child, place)
                return
            seen.add(key)
            if os.path.basename(place) not in MADE:
                self.assertTrue(os.path.exists(place), place)

        root = self.objects[self.project['rootObject']]
        walk(root['mainGroup'], SAMPLE)
        outside = {key for key, item in self.of('PBXFileReference').items()
                   if item['sourceTree'] != 'BUILT_PRODUCTS_DIR'}
        self.assertEqual(seen, outside)

    def sources_of(self, target_name):
        target = next(t for t in self.of('PBXNativeTarget').values() if t['name'] == target_name)
        files = set()
        for phase in (self.objects[key] for key in target['buildPhases']):
            if phase['isa'] == 'PBXSourcesBuildPhase':
                for build in phase['files']:
                    files.add(self.objects[self.objects[build]['fileRef']]['path'])
        return files

    def test_targets_compile_all_sources_of_their_folders(self):
        for target, folder in (('AugurSample', os.path.join(SAMPLE, 'AugurSample')),
                               ('AugurSampleBenchmarks', os.path.join(SAMPLE, '..', 'Tests', 'AugurBenchmarks'))):
            sources = {name for name in os.listdir(folder) if name.endswith('.swift')}
            self.assertEqual(self.sources_of(target), sources)

    def test_the_package_is_the_checkout(self):
        package = next(item for item in self.of('PBXFileReference').values()
                       if item.get('lastKnownFileType') == 'wrapper')
        self.assertTrue(os.path.exists(os.path.join(SAMPLE, package['path'], 'Package.swift')))
        products = {item['productName'] for item in self.of('XCSwiftPackageProductDependency').values()}
        self.assertEqual(products, {'Augur'})

    def test_the_scheme_builds_and_tests_the_targets(self):
        targets = {(key, item['name']) for key, item in self.of('PBXNativeTarget').items()}
        scheme = ElementTree.parse(os.path.join(PROJECT, 'xcshareddata', 'xcschemes', 'AugurSample.xcscheme'))
        references = {(item.get('BlueprintIdentifier'), item.get('BlueprintName'))
                      for item in scheme.iter('BuildableReference')}
        self.assertEqual(references, targets)
        names = {item.get('key') for item in scheme.iter('EnvironmentVariable')}
        with open(os.path.join(ROOT, 'platforms/ios/Tests/AugurBenchmarks/BenchmarkTests.swift'),
                  encoding='utf-8') as file:
            known = set(re.findall(r'AUGUR_BENCH_[A-Z]+', file.read()))
        self.assertLessEqual(names, known)
        self.assertGreater(len(names), 3)


class DocComments(unittest.TestCase):
    """Everything public in the Swift module has a doc comment."""

    def test_every_public_symbol_has_one(self):
        with open(os.path.join(ROOT, 'build/swift/symbols/Augur.symbols.json'), encoding='utf-8') as file:
            symbols = json.load(file)['symbols']
        public = [s for s in symbols if s['accessLevel'] in ('public', 'open')
                  and '::SYNTHESIZED' not in s['identifier']['precise']]
        self.assertGreater(len(public), 100)
        self.assertEqual(['.'.join(s['pathComponents']) for s in public if 'docComment' not in s], [])


class BenchmarkJson(unittest.TestCase):
    """The XCTest's JSON has the format's members, and the scores of augur-bench."""

    @classmethod
    def setUpClass(cls):
        cls.swift, cls.c = (cls.read(name) for name in ('bench.swift.json', 'bench.c.json'))

    @staticmethod
    def read(name):
        with open(os.path.join(ROOT, 'build/swift', name), encoding='utf-8') as file:
            return json.load(file)

    def test_it_follows_the_format(self):
        bench_json.check(self.swift, 'the XCTest')
        bench_json.check(self.c, 'augur-bench')
        self.assertEqual(self.swift['program'], 'xctest')
        self.assertEqual([run['pace_ms'] for run in self.swift['runs']], [2, 0])

    def test_its_scores_are_those_of_augur_bench(self):
        for member in ('format', 'version', 'augur', 'model', 'seed'):
            self.assertEqual(self.swift[member], self.c[member])
        for swift in self.swift['runs']:
            cases = [(s, c) for s in swift['cases'] for c in self.c['runs'][0]['cases']
                     if (s['history'], s['candidates'], s['threads']) == (c['history'], c['candidates'], c['threads'])]
            self.assertEqual(len(cases), len(self.c['runs'][0]['cases']))
            for s, c in cases:
                self.assertEqual(s['scores']['bits'], c['scores']['bits'])
                self.assertEqual(s['scores']['count'], c['scores']['count'])
                self.assertEqual(s['session_bytes'], c['session_bytes'])
                for member in ('sum', 'weighted_sum'):
                    self.assertAlmostEqual(s['scores'][member], c['scores'][member], places=9)

    def test_the_log_has_it_too(self):
        self.assertEqual(bench_json.load(os.path.join(ROOT, 'build/swift/test.log')), [self.swift])


if __name__ == '__main__':
    unittest.main(verbosity=2)
