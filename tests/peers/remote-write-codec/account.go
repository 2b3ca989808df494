package main

import (
	"fmt"
	"math"

	victoriametrics "github.com/VictoriaMetrics/VictoriaMetrics/lib/prompb"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
)

// account is what a request says. Values are the hexadecimal digits of their bits, so that every NaN is itself.
type account struct {
	Series   []series `json:"series"`
	Families []family `json:"families"`
}

type label [2]string

type series struct {
	Labels     []label     `json:"labels"`
	Samples    []sample    `json:"samples"`
	Histograms []histogram `json:"histograms"`
	Exemplars  []exemplar  `json:"exemplars"`
	Metadata   metadata    `json:"metadata"`
}

type sample struct {
	Timestamp int64  `json:"timestamp"`
	Value     string `json:"value"`
	Start     int64  `json:"start"`
}

type histogram struct {
	Timestamp int64  `json:"timestamp"`
	Sum       string `json:"sum"`
	Start     int64  `json:"start"`
	Encoded   []byte `json:"encoded"` // without the start timestamp
}

type exemplar struct {
	Timestamp int64   `json:"timestamp"`
	Value     string  `json:"value"`
	Labels    []label `json:"labels"`
}

type metadata struct {
	Type int32  `json:"type"`
	Help string `json:"help"`
	Unit string `json:"unit"`
}

type family struct {
	Name     string   `json:"name"`
	Metadata metadata `json:"metadata"`
}

func bits(value float64) string {
	return fmt.Sprintf("%016x", math.Float64bits(value))
}

func newAccount() *account {
	return &account{Series: []series{}, Families: []family{}}
}

func newSeries() series {
	return series{Labels: []label{}, Samples: []sample{}, Histograms: []histogram{}, Exemplars: []exemplar{}}
}

func decode(decoder string, body []byte) (*account, error) {
	switch decoder {
	case "prometheus-1":
		var request prompb.WriteRequest
		if err := request.Unmarshal(body); err != nil {
			return nil, err
		}
		return accountOfPrometheus1(&request)
	case "prometheus-2":
		var request writev2.Request
		if err := request.Unmarshal(body); err != nil {
			return nil, err
		}
		return accountOfPrometheus2(&request)
	case "victoriametrics":
		var unmarshaler victoriametrics.WriteRequestUnmarshaler
		request, err := unmarshaler.UnmarshalProtobuf(body)
		if err != nil {
			return nil, err
		}
		return accountOfVictoriaMetrics(request), nil
	}
	return nil, fmt.Errorf("no such decoder: %s", decoder)
}

func accountOfPrometheus1(request *prompb.WriteRequest) (*account, error) {
	told := newAccount()
	for i := range request.Timeseries {
		from, to := &request.Timeseries[i], newSeries()
		to.Labels = labelsOfPrometheus1(from.Labels)
		for _, s := range from.Samples {
			to.Samples = append(to.Samples, sample{Timestamp: s.Timestamp, Value: bits(s.Value)})
		}
		for _, e := range from.Exemplars {
			to.Exemplars = append(to.Exemplars, exemplar{e.Timestamp, bits(e.Value), labelsOfPrometheus1(e.Labels)})
		}
		for j := range from.Histograms {
			encoded, err := from.Histograms[j].Marshal()
			if err != nil {
				return nil, err
			}
			h := &from.Histograms[j]
			to.Histograms = append(to.Histograms, histogram{Timestamp: h.Timestamp, Sum: bits(h.Sum), Encoded: encoded})
		}
		told.Series = append(told.Series, to)
	}
	for _, m := range request.Metadata {
		told.Families = append(told.Families, family{m.MetricFamilyName, metadata{int32(m.Type), m.Help, m.Unit}})
	}
	return told, nil
}

func labelsOfPrometheus1(from []prompb.Label) []label {
	labels := []label{}
	for _, l := range from {
		labels = append(labels, label{l.Name, l.Value})
	}
	return labels
}

func accountOfPrometheus2(request *writev2.Request) (*account, error) {
	told := newAccount()
	symbols := request.Symbols
	for i := range request.Timeseries {
		from, to := &request.Timeseries[i], newSeries()
		to.Labels = labelsOfPrometheus2(from.LabelsRefs, symbols)
		for _, s := range from.Samples {
			to.Samples = append(to.Samples, sample{s.Timestamp, bits(s.Value), s.StartTimestamp})
		}
		for _, e := range from.Exemplars {
			to.Exemplars = append(to.Exemplars, exemplar{e.Timestamp, bits(e.Value), labelsOfPrometheus2(e.LabelsRefs, symbols)})
		}
		for _, h := range from.Histograms {
			start := h.StartTimestamp
			h.StartTimestamp = 0
			encoded, err := h.Marshal()
			if err != nil {
				return nil, err
			}
			to.Histograms = append(to.Histograms, histogram{h.Timestamp, bits(h.Sum), start, encoded})
		}
		m := from.Metadata
		if len(symbols) > 0 {
			to.Metadata = metadata{int32(m.Type), symbols[m.HelpRef], symbols[m.UnitRef]}
		}
		told.Series = append(told.Series, to)
	}
	return told, nil
}

func labelsOfPrometheus2(references []uint32, symbols []string) []label {
	labels := []label{}
	for i := 0; i+1 < len(references); i += 2 {
		labels = append(labels, label{symbols[references[i]], symbols[references[i+1]]})
	}
	return labels
}

func accountOfVictoriaMetrics(request *victoriametrics.WriteRequest) *account {
	told := newAccount()
	for _, from := range request.Timeseries {
		to := newSeries()
		for _, l := range from.Labels {
			to.Labels = append(to.Labels, label{l.Name, l.Value})
		}
		for _, s := range from.Samples {
			to.Samples = append(to.Samples, sample{Timestamp: s.Timestamp, Value: bits(s.Value)})
		}
		told.Series = append(told.Series, to)
	}
	for _, m := range request.Metadata {
		told.Families = append(told.Families, family{m.MetricFamilyName, metadata{int32(m.Type), m.Help, m.Unit}})
	}
	return told
}
