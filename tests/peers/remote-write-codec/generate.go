package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	victoriametrics "github.com/VictoriaMetrics/VictoriaMetrics/lib/prompb"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
)

const now = 1795180839552

// Bits of values that are easily lost on the way. Not -0, which Prometheus' own encoder loses.
var difficultValues = []uint64{
	0, 0x7ff0000000000002, 0x7ff8000000000001, 0xfff8000000000000, 0x7ff4deadbeef0001, 0x7ff0000000000000,
	0xfff0000000000000, 1, 0x3ff0000000000000, 0x7fefffffffffffff,
}

type random struct{ *rand.Rand }

func newRandom(seed uint64) random {
	return random{rand.New(rand.NewPCG(seed, 0))}
}

// request returns a body of the encoder's, and what it was given.
func (r random) request(encoder string) ([]byte, *account, error) {
	switch encoder {
	case "prometheus-1":
		request := r.prometheus1()
		body, err := request.Marshal()
		if err != nil {
			return nil, nil, err
		}
		told, err := accountOfPrometheus1(request)
		return body, told, err
	case "prometheus-2":
		return r.prometheus2()
	case "prometheus-2.54":
		return r.prometheus254()
	case "victoriametrics":
		request := r.victoriaMetrics()
		return request.MarshalProtobuf([]byte{}), accountOfVictoriaMetrics(request), nil
	}
	return nil, nil, fmt.Errorf("no such encoder: %s", encoder)
}

func (r random) text() string {
	alphabet := []rune("abcdefghijklmnopqrstuvwxyz_0123456789 <\"\\\x01\x7fé語😀")
	length := r.IntN(16)
	if r.IntN(20) == 0 {
		length = 100 + r.IntN(400)
	}
	var text strings.Builder
	for ; length > 0; length-- {
		text.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return text.String()
}

func (r random) value() float64 {
	if r.IntN(3) == 0 {
		return math.Float64frombits(difficultValues[r.IntN(len(difficultValues))])
	}
	return r.NormFloat64() * math.Pow(10, float64(r.IntN(20)))
}

func (r random) timestamp() int64 {
	switch r.IntN(12) {
	case 0:
		return 0
	case 1:
		return int64(r.Uint64())
	case 2:
		return -1
	}
	return now + int64(r.IntN(100000))
}

func times[T any](count int, make func() T) []T {
	var made []T
	for ; count > 0; count-- {
		made = append(made, make())
	}
	return made
}

// some returns a number that is mostly 1, and now and then larger or 0.
func (r random) some() int {
	if r.IntN(3) == 0 {
		return r.IntN(4)
	}
	return 1
}

func (r random) few() int {
	if r.IntN(4) == 0 {
		return r.IntN(3)
	}
	return 0
}

func (r random) prometheus1() *prompb.WriteRequest {
	return &prompb.WriteRequest{
		Timeseries: times(r.IntN(30), func() prompb.TimeSeries {
			return prompb.TimeSeries{
				Labels:     r.labels1(),
				Samples:    times(r.some(), func() prompb.Sample { return prompb.Sample{Value: r.value(), Timestamp: r.timestamp()} }),
				Exemplars:  times(r.few(), r.exemplar1),
				Histograms: times(r.few(), r.histogram1),
			}
		}),
		Metadata: times(r.few(), func() prompb.MetricMetadata {
			return prompb.MetricMetadata{
				Type: prompb.MetricMetadata_MetricType(r.IntN(8)), MetricFamilyName: r.text(), Help: r.text(), Unit: r.text(),
			}
		}),
	}
}

func (r random) labels1() []prompb.Label {
	return times(r.IntN(9), func() prompb.Label { return prompb.Label{Name: r.text(), Value: r.text()} })
}

func (r random) exemplar1() prompb.Exemplar {
	return prompb.Exemplar{Labels: r.labels1(), Value: r.value(), Timestamp: r.timestamp()}
}

func (r random) delta() int64      { return int64(r.IntN(2000) - 1000) }
func (r random) buckets() int      { return r.IntN(12) }
func (r random) spanOffset() int32 { return int32(r.IntN(200) - 100) }

func (r random) histogram1() prompb.Histogram {
	span := func() prompb.BucketSpan {
		return prompb.BucketSpan{Offset: r.spanOffset(), Length: uint32(r.IntN(200))}
	}
	h := prompb.Histogram{
		Sum: r.value(), Schema: int32(r.IntN(14) - 4), ZeroThreshold: r.value(), NegativeSpans: times(r.few(), span),
		PositiveSpans: times(r.some(), span), ResetHint: prompb.Histogram_ResetHint(r.IntN(4)), Timestamp: r.timestamp(),
	}
	if r.IntN(2) == 0 {
		h.Count = &prompb.Histogram_CountInt{CountInt: r.Uint64N(1000)}
		h.ZeroCount = &prompb.Histogram_ZeroCountInt{ZeroCountInt: r.Uint64N(3)}
		h.NegativeDeltas, h.PositiveDeltas = times(r.few(), r.delta), times(r.buckets(), r.delta)
	} else {
		h.Count = &prompb.Histogram_CountFloat{CountFloat: r.value()}
		h.ZeroCount = &prompb.Histogram_ZeroCountFloat{ZeroCountFloat: r.value()}
		h.NegativeCounts, h.PositiveCounts = times(r.few(), r.value), times(r.buckets(), r.value)
	}
	if r.IntN(5) == 0 {
		h.Schema, h.CustomValues = -53, times(r.buckets(), r.value)
	}
	return h
}

func (r random) prometheus2() ([]byte, *account, error) {
	request := r.series2(r.start)
	body, err := request.Marshal()
	if err != nil {
		return nil, nil, err
	}
	told, err := accountOfPrometheus2(request)
	return body, told, err
}

func (r random) start() int64 {
	if r.IntN(2) == 0 {
		return 0
	}
	return r.timestamp()
}

// prometheus254 has the start timestamp where Prometheus 2.54 to 3.7 wrote it: in field 6 of the series, for all that it
// holds. The field is reserved now, so it goes in as one that the encoder does not know.
func (r random) prometheus254() ([]byte, *account, error) {
	request := r.series2(func() int64 { return 0 })
	told, err := accountOfPrometheus2(request)
	if err != nil {
		return nil, nil, err
	}
	for i := range request.Timeseries {
		created := r.start()
		if created == 0 {
			continue
		}
		request.Timeseries[i].XXX_unrecognized = binary.AppendUvarint([]byte{6 << 3}, uint64(created))
		for j := range told.Series[i].Samples {
			told.Series[i].Samples[j].Start = created
		}
		for j := range told.Series[i].Histograms {
			told.Series[i].Histograms[j].Start = created
		}
	}
	body, err := request.Marshal()
	return body, told, err
}

// series2 enters symbols in the order in which Prometheus' queue manager does: of each series the help, the unit, the
// labels, and then those of exemplars.
func (r random) series2(start func() int64) *writev2.Request {
	table := writev2.NewSymbolTable()
	texts := times(20, r.text) // so that some come again
	symbol := func() uint32 { return table.Symbolize(texts[r.IntN(len(texts))]) }
	references := func() []uint32 { return times(2*r.IntN(9), symbol) }
	series := times(r.IntN(30), func() writev2.TimeSeries {
		var to writev2.TimeSeries
		if r.IntN(3) == 0 {
			to.Metadata.Type = writev2.Metadata_MetricType(r.IntN(9) - 1)
			to.Metadata.HelpRef = symbol()
			to.Metadata.UnitRef = symbol()
		}
		to.LabelsRefs = references()
		to.Samples = times(r.some(), func() writev2.Sample {
			return writev2.Sample{Value: r.value(), Timestamp: r.timestamp(), StartTimestamp: start()}
		})
		to.Histograms = times(r.few(), func() writev2.Histogram { return r.histogram2(start()) })
		to.Exemplars = times(r.few(), func() writev2.Exemplar {
			return writev2.Exemplar{LabelsRefs: references(), Value: r.value(), Timestamp: r.timestamp()}
		})
		return to
	})
	return &writev2.Request{Symbols: table.Symbols(), Timeseries: series}
}

// histogram2 is one of 1.0, whose fields are the same.
func (r random) histogram2(start int64) writev2.Histogram {
	from := r.histogram1()
	encoded, err := from.Marshal()
	exitOn(err)
	var to writev2.Histogram
	exitOn(to.Unmarshal(encoded))
	to.StartTimestamp = start
	return to
}

func (r random) victoriaMetrics() *victoriametrics.WriteRequest {
	return &victoriametrics.WriteRequest{
		Timeseries: times(r.IntN(30), func() victoriametrics.TimeSeries {
			return victoriametrics.TimeSeries{
				Labels: times(r.IntN(9), func() victoriametrics.Label {
					return victoriametrics.Label{Name: r.text(), Value: r.text()}
				}),
				Samples: times(r.some(), func() victoriametrics.Sample {
					return victoriametrics.Sample{Value: r.value(), Timestamp: r.timestamp()}
				}),
			}
		}),
		Metadata: times(r.few(), func() victoriametrics.MetricMetadata {
			return victoriametrics.MetricMetadata{
				Type: uint32(r.IntN(8)), MetricFamilyName: r.text(), Help: r.text(), Unit: r.text(),
			}
		}),
	}
}
