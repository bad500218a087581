// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// Renders a chart as Helm would, as far as ours goes: Go's templates with the functions that its
// templates use, and no others, so that a chart that needs more fails here.
//
// usage: render CHART RELEASE [VALUES...]    VALUES: files, merged over the chart's own
//
// Prints the objects as JSON, one a line.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v2"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string) map[string]any {
	text, err := os.ReadFile(path)
	must(err)
	var out map[string]any
	must(yaml.Unmarshal(text, &out))
	return plain(out).(map[string]any)
}

// YAML's maps of anything as maps of strings.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = plain(item)
		}
	case map[any]any:
		out := map[string]any{}
		for key, item := range v {
			out[fmt.Sprint(key)] = plain(item)
		}
		return out
	case []any:
		for i, item := range v {
			v[i] = plain(item)
		}
	}
	return value
}

func merge(into, from map[string]any) {
	for key, value := range from {
		inner, ok := value.(map[string]any)
		if old, both := into[key].(map[string]any); ok && both {
			merge(old, inner)
		} else {
			into[key] = value
		}
	}
}

func functions(all *template.Template) template.FuncMap {
	return template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var out strings.Builder
			err := all.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"toYaml": func(value any) (string, error) {
			text, err := yaml.Marshal(value)
			return strings.TrimSuffix(string(text), "\n"), err
		},
		"nindent": func(n int, text string) string {
			pad := "\n" + strings.Repeat(" ", n)
			return pad + strings.ReplaceAll(text, "\n", pad)
		},
		"quote":    func(value any) string { return fmt.Sprintf("%q", fmt.Sprint(value)) },
		"contains": func(part, text string) bool { return strings.Contains(text, part) },
		"default": func(fallback, value any) any {
			if value == nil || reflect.ValueOf(value).IsZero() {
				return fallback
			}
			return value
		},
		"sha256sum": func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) },
	}
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: render CHART RELEASE [VALUES...]")
		os.Exit(2)
	}
	chart := read(filepath.Join(os.Args[1], "Chart.yaml"))
	values := read(filepath.Join(os.Args[1], "values.yaml"))
	for _, path := range os.Args[3:] {
		merge(values, read(path))
	}
	all := template.New("chart").Option("missingkey=error")
	all.Funcs(functions(all))
	files, err := filepath.Glob(filepath.Join(os.Args[1], "templates", "*"))
	must(err)
	sort.Strings(files)
	for _, path := range files {
		text, err := os.ReadFile(path)
		must(err)
		_, err = all.New(filepath.Base(path)).Parse(string(text))
		must(err)
	}
	data := map[string]any{
		"Values": values,
		"Chart": map[string]any{"Name": chart["name"], "Version": chart["version"],
			"AppVersion": chart["appVersion"]},
		"Release": map[string]any{"Name": os.Args[2], "Service": "Helm"},
	}
	for _, path := range files {
		if strings.HasPrefix(filepath.Base(path), "_") {
			continue
		}
		var text strings.Builder
		must(all.ExecuteTemplate(&text, filepath.Base(path), data))
		decoder := yaml.NewDecoder(strings.NewReader(text.String()))
		decoder.SetStrict(true)
		for {
			var object map[string]any
			err := decoder.Decode(&object)
			if err == io.EOF {
				break
			}
			must(err)
			if object != nil {
				must(json.NewEncoder(os.Stdout).Encode(plain(object)))
			}
		}
	}
}
