package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// answer is a successful JSON answer that is ready to be sent. It stands for all
// the response types of the generated interface: several documents are stored as
// the JSON that they are on the wire, and must not be decoded on their way.
type answer struct {
	status int
	body   []byte
}

func ok(document any) answer { return answer{http.StatusOK, encode(document)} }

func (a answer) write(w http.ResponseWriter) error {
	writeJSON(w, a.status, a.body)
	return nil
}

// encode returns the JSON of a value of this package's own. Links keep their
// ampersands.
func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // nothing here fails to encode; front answers 500
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (a answer) VisitDeleteLoginResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListAuthenticationTypesResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListLoginMethodsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetUserInfoResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetUserInfoAliasResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetInfoResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetSetupResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListEndpointsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetTransactionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitOpenTransactionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitCommitTransactionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitRollbackTransactionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListTransactionChangesResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetSessionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionChannelsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetSessionChannelResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionAlertsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionEventsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionIndexingResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionIndexerResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionIndexersResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetSessionStatisticsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetSessionHistogramResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitCountSessionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitOpenSnapshotResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitSearchSessionContentResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListSessionTrailDownloadsResponse(w http.ResponseWriter) error {
	return a.write(w)
}

// withCookie is an answer that also sets or clears the login's cookie.
type withCookie struct {
	answer
	cookie *http.Cookie // nil to leave the client's as it is
}

func (a withCookie) VisitCreateLoginResponse(w http.ResponseWriter) error { return a.write(w) }
func (a withCookie) VisitDeleteLoginResponse(w http.ResponseWriter) error { return a.write(w) }

func (a withCookie) write(w http.ResponseWriter) error {
	if a.cookie != nil {
		http.SetCookie(w, a.cookie)
	}
	return a.answer.write(w)
}
